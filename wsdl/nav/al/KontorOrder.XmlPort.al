xmlport 50143 "Kontor Order"
{
    Caption = 'Kontor Order';
    Encoding = UTF8;
    Format = Xml;
    FormatEvaluate = Xml;
    UseDefaultNamespace = true;
    DefaultNamespace = 'urn:microsoft-dynamics-nav/xmlports/x50143';
    Direction = Import;

    schema
    {
        textelement(KontorOrder)
        {
            MaxOccurs = Once;
            textelement(CustomerNo)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(ExternalDocumentNo)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(YourReference)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(OrderDate)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(RequestedDeliveryDate)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(CurrencyCode)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(LanguageCode)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(PaymentMethodCode)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(PaymentRef)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(Pricing)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(PricesIncludeVat)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(Tolerance)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(Net)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(Vat)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(Gross)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            tableelement(Partner; "Kontor Buffer")
            {
                MinOccurs = Zero;
                UseTemporary = true;
                fieldelement(Role; Partner.Role)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Name; Partner.Name)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Name2; Partner.Name2)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Contact; Partner.Contact)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Address; Partner.Address)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Address2; Partner.Address2)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(PostCode; Partner.PostCode)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(City; Partner.City)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(County; Partner.County)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(CountryCode; Partner.CountryCode)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Phone; Partner.Phone)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Email; Partner.Email)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(VatId; Partner.VatId)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }

                trigger OnBeforeInsertRecord()
                begin
                    PartnerCount += 1;
                    Partner."Entry No." := PartnerCount;
                end;
            }
            tableelement(Line; "Kontor Buffer")
            {
                MinOccurs = Zero;
                UseTemporary = true;
                fieldelement(LineId; Line.LineId)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Type; Line.Type)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(No; Line.No)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Description; Line.Description)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Quantity; Line.Quantity)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(UnitCode; Line.UnitCode)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Net; Line.Net)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Vat; Line.Vat)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Gross; Line.Gross)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }

                trigger OnBeforeInsertRecord()
                begin
                    LineCount += 1;
                    Line."Entry No." := LineCount;
                end;
            }
        }
    }

    var
        PartnerCount: Integer;
        LineCount: Integer;

    procedure GetPartners(var TempPartner: Record "Kontor Buffer" temporary)
    begin
        Partner.Reset();
        if Partner.FindSet() then
            repeat
                TempPartner := Partner;
                TempPartner.Insert();
            until Partner.Next() = 0;
    end;

    procedure GetLines(var TempLine: Record "Kontor Buffer" temporary)
    begin
        Line.Reset();
        if Line.FindSet() then
            repeat
                TempLine := Line;
                TempLine.Insert();
            until Line.Next() = 0;
    end;

    procedure Value(Name: Text): Text
    begin
        case Name of
            'CustomerNo':
                exit(CustomerNo);
            'ExternalDocumentNo':
                exit(ExternalDocumentNo);
            'YourReference':
                exit(YourReference);
            'OrderDate':
                exit(OrderDate);
            'RequestedDeliveryDate':
                exit(RequestedDeliveryDate);
            'CurrencyCode':
                exit(CurrencyCode);
            'LanguageCode':
                exit(LanguageCode);
            'PaymentMethodCode':
                exit(PaymentMethodCode);
            'PaymentRef':
                exit(PaymentRef);
            'Pricing':
                exit(Pricing);
            'PricesIncludeVat':
                exit(PricesIncludeVat);
            'Tolerance':
                exit(Tolerance);
            'Net':
                exit(Net);
            'Vat':
                exit(Vat);
            'Gross':
                exit(Gross);
            else
                Error('[K001] The order has no value %1.', Name);
        end;
    end;
}
