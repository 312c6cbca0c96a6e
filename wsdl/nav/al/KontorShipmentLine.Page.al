page 50153 "Kontor Shipment Line"
{
    Caption = 'Kontor Shipment Line';
    PageType = ListPart;
    SourceTable = "Sales Shipment Line";
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
                field(Line_No; Rec."Line No.")
                {
                    ApplicationArea = All;
                }
                field(Type; Rec.Type)
                {
                    ApplicationArea = All;
                }
                field(No; Rec."No.")
                {
                    ApplicationArea = All;
                }
                field(Variant_Code; Rec."Variant Code")
                {
                    ApplicationArea = All;
                }
                field(Quantity; Rec.Quantity)
                {
                    ApplicationArea = All;
                }
                field(Unit_of_Measure_Code; Rec."Unit of Measure Code")
                {
                    ApplicationArea = All;
                }
                field(Order_No; Rec."Order No.")
                {
                    ApplicationArea = All;
                }
                field(Order_Line_No; Rec."Order Line No.")
                {
                    ApplicationArea = All;
                }
                field(Kontor_Line; Rec."Kontor Line")
                {
                    ApplicationArea = All;
                }
                field(Item_Shpt_Entry_No; Rec."Item Shpt. Entry No.")
                {
                    ApplicationArea = All;
                }
            }
        }
    }
}
