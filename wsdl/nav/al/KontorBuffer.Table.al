// What stands behind the rows of the XMLports. Temporary only: nothing is ever stored in it.
table 50142 "Kontor Buffer"
{
    Caption = 'Kontor Buffer';
    DataClassification = CustomerContent;
    TableType = Temporary;

    fields
    {
        field(1; "Entry No."; Integer)
        {
            Caption = 'Entry No.';
        }
        field(2; "Parent No."; Integer)
        {
            Caption = 'Parent No.';
        }
        field(10; Id; Text[150])
        {
            Caption = 'Id';
        }
        field(11; ItemNo; Text[20])
        {
            Caption = 'ItemNo';
        }
        field(12; VariantCode; Text[20])
        {
            Caption = 'VariantCode';
        }
        field(13; UnitCode; Text[20])
        {
            Caption = 'UnitCode';
        }
        field(14; Kind; Text[10])
        {
            Caption = 'Kind';
        }
        field(15; CustomerPriceGroup; Text[20])
        {
            Caption = 'CustomerPriceGroup';
        }
        field(16; CustomerNo; Text[20])
        {
            Caption = 'CustomerNo';
        }
        field(17; CurrencyCode; Text[20])
        {
            Caption = 'CurrencyCode';
        }
        field(18; MinQuantity; Text[30])
        {
            Caption = 'MinQuantity';
        }
        field(19; UnitPrice; Text[30])
        {
            Caption = 'UnitPrice';
        }
        field(20; PriceIncludesVat; Text[10])
        {
            Caption = 'PriceIncludesVat';
        }
        field(21; VatGroup; Text[20])
        {
            Caption = 'VatGroup';
        }
        field(22; StartingDate; Text[10])
        {
            Caption = 'StartingDate';
        }
        field(23; EndingDate; Text[10])
        {
            Caption = 'EndingDate';
        }
        field(24; LocationCode; Text[20])
        {
            Caption = 'LocationCode';
        }
        field(25; Inventory; Text[30])
        {
            Caption = 'Inventory';
        }
        field(26; OnSalesOrders; Text[30])
        {
            Caption = 'OnSalesOrders';
        }
        field(27; OtherDemand; Text[30])
        {
            Caption = 'OtherDemand';
        }
        field(28; Day; Text[10])
        {
            Caption = 'Day';
        }
        field(29; Quantity; Text[30])
        {
            Caption = 'Quantity';
        }
        field(30; Role; Text[10])
        {
            Caption = 'Role';
        }
        field(31; Name; Text[100])
        {
            Caption = 'Name';
        }
        field(32; Name2; Text[50])
        {
            Caption = 'Name2';
        }
        field(33; Contact; Text[100])
        {
            Caption = 'Contact';
        }
        field(34; Address; Text[100])
        {
            Caption = 'Address';
        }
        field(35; Address2; Text[50])
        {
            Caption = 'Address2';
        }
        field(36; PostCode; Text[20])
        {
            Caption = 'PostCode';
        }
        field(37; City; Text[30])
        {
            Caption = 'City';
        }
        field(38; County; Text[30])
        {
            Caption = 'County';
        }
        field(39; CountryCode; Text[20])
        {
            Caption = 'CountryCode';
        }
        field(40; Phone; Text[30])
        {
            Caption = 'Phone';
        }
        field(41; Email; Text[80])
        {
            Caption = 'Email';
        }
        field(42; VatId; Text[20])
        {
            Caption = 'VatId';
        }
        field(43; LineId; Text[60])
        {
            Caption = 'LineId';
        }
        field(44; Type; Text[20])
        {
            Caption = 'Type';
        }
        field(45; No; Text[64])
        {
            Caption = 'No';
        }
        field(46; Description; Text[100])
        {
            Caption = 'Description';
        }
        field(47; Net; Text[30])
        {
            Caption = 'Net';
        }
        field(48; Vat; Text[30])
        {
            Caption = 'Vat';
        }
        field(49; Gross; Text[30])
        {
            Caption = 'Gross';
        }
        field(50; MatchedBy; Text[10])
        {
            Caption = 'MatchedBy';
        }
        field(51; Blocked; Text[10])
        {
            Caption = 'Blocked';
        }
    }

    keys
    {
        key(PK; "Entry No.")
        {
            Clustered = true;
        }
    }
}
