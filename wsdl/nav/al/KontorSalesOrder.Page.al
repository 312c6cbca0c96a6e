page 50151 "Kontor Sales Order"
{
    Caption = 'Kontor Sales Order';
    PageType = List;
    SourceTable = "Sales Header";
    SourceTableView = where("Document Type" = const(Order));
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
                field(No; Rec."No.")
                {
                    ApplicationArea = All;
                }
                field(Sell_to_Customer_No; Rec."Sell-to Customer No.")
                {
                    ApplicationArea = All;
                }
                field(External_Document_No; Rec."External Document No.")
                {
                    ApplicationArea = All;
                }
                field(Kontor_Key; Rec."Kontor Key")
                {
                    ApplicationArea = All;
                }
                field(Order_Date; Rec."Order Date")
                {
                    ApplicationArea = All;
                }
                field(Status; Rec.Status)
                {
                    ApplicationArea = All;
                }
                field(On_Hold; Rec."On Hold")
                {
                    ApplicationArea = All;
                }
                field(Currency_Code; Rec."Currency Code")
                {
                    ApplicationArea = All;
                }
                field(Amount; Rec.Amount)
                {
                    ApplicationArea = All;
                }
                field(Amount_Including_VAT; Rec."Amount Including VAT")
                {
                    ApplicationArea = All;
                }
            }
        }
    }
}
