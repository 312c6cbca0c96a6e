page 50143 "Kontor Item Translation"
{
    Caption = 'Kontor Item Translation';
    PageType = List;
    SourceTable = "Item Translation";
    Editable = false;
    InsertAllowed = false;
    ModifyAllowed = false;
    DeleteAllowed = false;

    layout
    {
        area(Content)
        {
            repeater(Rows)
            {
                field(Item_No; Rec."Item No.")
                {
                    ApplicationArea = All;
                }
                field(Variant_Code; Rec."Variant Code")
                {
                    ApplicationArea = All;
                }
                field(Language_Code; Rec."Language Code")
                {
                    ApplicationArea = All;
                }
                field(Description; Rec.Description)
                {
                    ApplicationArea = All;
                }
                field(Description_2; Rec."Description 2")
                {
                    ApplicationArea = All;
                }
            }
        }
    }
}
