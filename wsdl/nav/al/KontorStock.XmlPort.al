xmlport 50142 "Kontor Stock"
{
    Caption = 'Kontor Stock';
    Encoding = UTF8;
    Format = Xml;
    FormatEvaluate = Xml;
    UseDefaultNamespace = true;
    DefaultNamespace = 'urn:microsoft-dynamics-nav/xmlports/x50142';

    schema
    {
        textelement(KontorStock)
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
            textelement(IsSnapshot)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(Total)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(LastEntryNo)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            tableelement(Row; "Kontor Buffer")
            {
                MinOccurs = Zero;
                UseTemporary = true;
                fieldelement(ItemNo; Row.ItemNo)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(VariantCode; Row.VariantCode)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(LocationCode; Row.LocationCode)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(UnitCode; Row.UnitCode)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Inventory; Row.Inventory)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(OnSalesOrders; Row.OnSalesOrders)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(OtherDemand; Row.OtherDemand)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                tableelement(Expected; "Kontor Buffer")
                {
                    MinOccurs = Zero;
                    UseTemporary = true;
                    LinkTable = Row;
                    LinkFields = "Parent No." = field("Entry No.");
                    fieldelement(Day; Expected.Day)
                    {
                        MinOccurs = Zero;
                        MaxOccurs = Once;
                    }
                    fieldelement(Quantity; Expected.Quantity)
                    {
                        MinOccurs = Zero;
                        MaxOccurs = Once;
                    }
                }
            }
        }
    }

    procedure Fill(NewNextAfter: Text; NewIsLast: Boolean; NewIsSnapshot: Boolean; NewTotal: Integer; NewLastEntryNo: Integer; var TempRow: Record "Kontor Buffer" temporary; var TempExpected: Record "Kontor Buffer" temporary)
    begin
        NextAfter := NewNextAfter;
        IsLast := Format(NewIsLast, 0, 9);
        IsSnapshot := Format(NewIsSnapshot, 0, 9);
        Total := Format(NewTotal, 0, 9);
        LastEntryNo := Format(NewLastEntryNo, 0, 9);
        if TempRow.FindSet() then
            repeat
                Row := TempRow;
                Row.Insert();
            until TempRow.Next() = 0;
        if TempExpected.FindSet() then
            repeat
                Expected := TempExpected;
                Expected.Insert();
            until TempExpected.Next() = 0;
    end;
}
