page 50142 "Kontor Item Reference"
{
    Caption = 'Kontor Item Reference';
    PageType = List;
    SourceTable = "Item Reference";
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
                field(Unit_of_Measure; Rec."Unit of Measure")
                {
                    ApplicationArea = All;
                }
                field(Cross_Reference_Type; Rec."Reference Type")
                {
                    ApplicationArea = All;
                }
                field(Cross_Reference_Type_No; Rec."Reference Type No.")
                {
                    ApplicationArea = All;
                }
                field(Cross_Reference_No; Rec."Reference No.")
                {
                    ApplicationArea = All;
                }
                field(Description; Rec.Description)
                {
                    ApplicationArea = All;
                }
            }
        }
    }
}
