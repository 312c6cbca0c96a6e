page 50149 "Kontor Tracking Code"
{
    Caption = 'Kontor Tracking Code';
    PageType = List;
    SourceTable = "Item Tracking Code";
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
                field(Code; Rec.Code)
                {
                    ApplicationArea = All;
                }
                field(SN_Specific_Tracking; Rec."SN Specific Tracking")
                {
                    ApplicationArea = All;
                }
                field(SN_Sales_Outbound_Tracking; Rec."SN Sales Outbound Tracking")
                {
                    ApplicationArea = All;
                }
            }
        }
    }
}
