page 50140 "Kontor Item"
{
    Caption = 'Kontor Item';
    PageType = List;
    SourceTable = "Item";
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
                field(Description; Rec.Description)
                {
                    ApplicationArea = All;
                }
                field(Description_2; Rec."Description 2")
                {
                    ApplicationArea = All;
                }
                field(Type; Rec.Type)
                {
                    ApplicationArea = All;
                }
                field(Blocked; Rec.Blocked)
                {
                    ApplicationArea = All;
                }
                field(Base_Unit_of_Measure; Rec."Base Unit of Measure")
                {
                    ApplicationArea = All;
                }
                field(Sales_Unit_of_Measure; Rec."Sales Unit of Measure")
                {
                    ApplicationArea = All;
                }
                field(Item_Category_Code; Rec."Item Category Code")
                {
                    ApplicationArea = All;
                }
                field(GTIN; Rec.GTIN)
                {
                    ApplicationArea = All;
                }
                field(Net_Weight; Rec."Net Weight")
                {
                    ApplicationArea = All;
                }
                field(Gross_Weight; Rec."Gross Weight")
                {
                    ApplicationArea = All;
                }
                field(Tariff_No; Rec."Tariff No.")
                {
                    ApplicationArea = All;
                }
                field(Country_Region_of_Origin_Code; Rec."Country/Region of Origin Code")
                {
                    ApplicationArea = All;
                }
                field(VAT_Prod_Posting_Group; Rec."VAT Prod. Posting Group")
                {
                    ApplicationArea = All;
                }
                field(Item_Tracking_Code; Rec."Item Tracking Code")
                {
                    ApplicationArea = All;
                }
                field(Vendor_No; Rec."Vendor No.")
                {
                    ApplicationArea = All;
                }
                field(Vendor_Item_No; Rec."Vendor Item No.")
                {
                    ApplicationArea = All;
                }
                field(Manufacturer_Code; Rec."Manufacturer Code")
                {
                    ApplicationArea = All;
                }
                field(Order_Multiple; Rec."Order Multiple")
                {
                    ApplicationArea = All;
                }
                field(Unit_Price; Rec."Unit Price")
                {
                    ApplicationArea = All;
                }
                field(Price_Includes_VAT; Rec."Price Includes VAT")
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
