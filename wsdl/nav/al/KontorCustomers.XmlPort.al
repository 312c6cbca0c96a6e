xmlport 50145 "Kontor Customers"
{
    Caption = 'Kontor Customers';
    Encoding = UTF8;
    Format = Xml;
    FormatEvaluate = Xml;
    UseDefaultNamespace = true;
    DefaultNamespace = 'urn:microsoft-dynamics-nav/xmlports/x50145';

    schema
    {
        textelement(KontorCustomers)
        {
            MaxOccurs = Once;
            tableelement(Customer; "Kontor Buffer")
            {
                MinOccurs = Zero;
                UseTemporary = true;
                fieldelement(No; Customer.No)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Name; Customer.Name)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(MatchedBy; Customer.MatchedBy)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Blocked; Customer.Blocked)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
            }
        }
    }

    procedure Fill(var TempCustomer: Record "Kontor Buffer" temporary)
    begin
        if TempCustomer.FindSet() then
            repeat
                Customer := TempCustomer;
                Customer.Insert();
            until TempCustomer.Next() = 0;
    end;
}
