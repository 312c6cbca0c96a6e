page 50150 "Kontor Customer"
{
    Caption = 'Kontor Customer';
    PageType = List;
    SourceTable = "Customer";
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
                field(Name; Rec.Name)
                {
                    ApplicationArea = All;
                }
                field(Name_2; Rec."Name 2")
                {
                    ApplicationArea = All;
                }
                field(Address; Rec.Address)
                {
                    ApplicationArea = All;
                }
                field(Address_2; Rec."Address 2")
                {
                    ApplicationArea = All;
                }
                field(City; Rec.City)
                {
                    ApplicationArea = All;
                }
                field(Post_Code; Rec."Post Code")
                {
                    ApplicationArea = All;
                }
                field(Country_Region_Code; Rec."Country/Region Code")
                {
                    ApplicationArea = All;
                }
                field(VAT_Registration_No; Rec."VAT Registration No.")
                {
                    ApplicationArea = All;
                }
                field(E_Mail; Rec."E-Mail")
                {
                    ApplicationArea = All;
                }
                field(Customer_Price_Group; Rec."Customer Price Group")
                {
                    ApplicationArea = All;
                }
                field(Customer_Disc_Group; Rec."Customer Disc. Group")
                {
                    ApplicationArea = All;
                }
                field(Blocked; Rec.Blocked)
                {
                    ApplicationArea = All;
                }
                field(Currency_Code; Rec."Currency Code")
                {
                    ApplicationArea = All;
                }
                field(Last_Date_Modified; Rec."Last Date Modified")
                {
                    ApplicationArea = All;
                }
            }
        }
    }
}
