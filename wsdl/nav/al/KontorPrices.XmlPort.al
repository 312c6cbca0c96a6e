xmlport 50141 "Kontor Prices"
{
    Caption = 'Kontor Prices';
    Encoding = UTF8;
    Format = Xml;
    FormatEvaluate = Xml;
    UseDefaultNamespace = true;
    DefaultNamespace = 'urn:microsoft-dynamics-nav/xmlports/x50141';

    schema
    {
        textelement(KontorPrices)
        {
            MaxOccurs = Once;
            textelement(NextAfter)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(IsLast)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(Total)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            tableelement(Price; "Kontor Buffer")
            {
                MinOccurs = Zero;
                UseTemporary = true;
                fieldelement(Id; Price.Id)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(ItemNo; Price.ItemNo)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(VariantCode; Price.VariantCode)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(UnitCode; Price.UnitCode)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Kind; Price.Kind)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(CustomerPriceGroup; Price.CustomerPriceGroup)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(CustomerNo; Price.CustomerNo)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(CurrencyCode; Price.CurrencyCode)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(MinQuantity; Price.MinQuantity)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(UnitPrice; Price.UnitPrice)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(PriceIncludesVat; Price.PriceIncludesVat)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(VatGroup; Price.VatGroup)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(StartingDate; Price.StartingDate)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(EndingDate; Price.EndingDate)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
            }
        }
    }

    procedure Fill(NewNextAfter: Text; NewIsLast: Boolean; NewTotal: Integer; var TempPrice: Record "Kontor Buffer" temporary)
    begin
        NextAfter := NewNextAfter;
        IsLast := Format(NewIsLast, 0, 9);
        Total := Format(NewTotal, 0, 9);
        if TempPrice.FindSet() then
            repeat
                Price := TempPrice;
                Price.Insert();
            until TempPrice.Next() = 0;
    end;
}
