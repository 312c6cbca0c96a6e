page 50148 "Kontor Item Ledger"
{
    Caption = 'Kontor Item Ledger';
    PageType = List;
    SourceTable = "Item Ledger Entry";
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
                field(Entry_No; Rec."Entry No.")
                {
                    ApplicationArea = All;
                }
                field(Item_No; Rec."Item No.")
                {
                    ApplicationArea = All;
                }
                field(Variant_Code; Rec."Variant Code")
                {
                    ApplicationArea = All;
                }
                field(Location_Code; Rec."Location Code")
                {
                    ApplicationArea = All;
                }
                field(Posting_Date; Rec."Posting Date")
                {
                    ApplicationArea = All;
                }
                field(Entry_Type; Rec."Entry Type")
                {
                    ApplicationArea = All;
                }
                field(Document_Type; Rec."Document Type")
                {
                    ApplicationArea = All;
                }
                field(Document_No; Rec."Document No.")
                {
                    ApplicationArea = All;
                }
                field(Document_Line_No; Rec."Document Line No.")
                {
                    ApplicationArea = All;
                }
                field(Quantity; Rec.Quantity)
                {
                    ApplicationArea = All;
                }
                field(Serial_No; Rec."Serial No.")
                {
                    ApplicationArea = All;
                }
                field(Lot_No; Rec."Lot No.")
                {
                    ApplicationArea = All;
                }
            }
        }
    }
}
