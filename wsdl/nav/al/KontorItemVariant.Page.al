page 50141 "Kontor Item Variant"
{
    Caption = 'Kontor Item Variant';
    PageType = List;
    SourceTable = "Item Variant";
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
                field(Code; Rec.Code)
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
