page 50152 "Kontor Shipment"
{
    Caption = 'Kontor Shipment';
    PageType = Document;
    SourceTable = "Sales Shipment Header";
    Editable = false;
    InsertAllowed = false;
    ModifyAllowed = false;
    DeleteAllowed = false;

    layout
    {
        area(Content)
        {
            group(Rows)
            {
                field(No; Rec."No.")
                {
                    ApplicationArea = All;
                }
                field(Order_No; Rec."Order No.")
                {
                    ApplicationArea = All;
                }
                field(Kontor_Key; Rec."Kontor Key")
                {
                    ApplicationArea = All;
                }
                field(External_Document_No; Rec."External Document No.")
                {
                    ApplicationArea = All;
                }
                field(Sell_to_Customer_No; Rec."Sell-to Customer No.")
                {
                    ApplicationArea = All;
                }
                field(Posting_Date; Rec."Posting Date")
                {
                    ApplicationArea = All;
                }
                field(Shipment_Date; Rec."Shipment Date")
                {
                    ApplicationArea = All;
                }
                field(Shipping_Agent_Code; Rec."Shipping Agent Code")
                {
                    ApplicationArea = All;
                }
                field(Shipping_Agent_Service_Code; Rec."Shipping Agent Service Code")
                {
                    ApplicationArea = All;
                }
                field(Package_Tracking_No; Rec."Package Tracking No.")
                {
                    ApplicationArea = All;
                }
            }
            part(ShipmentLines; "Kontor Shipment Line")
            {
                ApplicationArea = All;
                SubPageLink = "Document No." = field("No.");
            }
        }
    }
}
