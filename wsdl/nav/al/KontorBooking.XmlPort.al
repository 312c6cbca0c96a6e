xmlport 50144 "Kontor Booking"
{
    Caption = 'Kontor Booking';
    Encoding = UTF8;
    Format = Xml;
    FormatEvaluate = Xml;
    UseDefaultNamespace = true;
    DefaultNamespace = 'urn:microsoft-dynamics-nav/xmlports/x50144';

    schema
    {
        textelement(KontorBooking)
        {
            MaxOccurs = Once;
            textelement(State)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(OrderNo)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(CurrencyCode)
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
            textelement(BlockedReason)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            tableelement(BookedLine; "Kontor Buffer")
            {
                MinOccurs = Zero;
                UseTemporary = true;
                fieldelement(LineId; BookedLine.LineId)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Net; BookedLine.Net)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Vat; BookedLine.Vat)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
                fieldelement(Gross; BookedLine.Gross)
                {
                    MinOccurs = Zero;
                    MaxOccurs = Once;
                }
            }
        }
    }

    procedure Fill(NewState: Text; KontorOrderKey: Record "Kontor Order Key"; NewBlockedReason: Text; var TempBooked: Record "Kontor Buffer" temporary)
    begin
        State := NewState;
        BlockedReason := NewBlockedReason;
        if KontorOrderKey."Order No." = '' then
            exit;
        OrderNo := KontorOrderKey."Order No.";
        CurrencyCode := KontorOrderKey."Currency Code";
        Net := Format(KontorOrderKey.Net, 0, 9);
        Vat := Format(KontorOrderKey.Gross - KontorOrderKey.Net, 0, 9);
        Gross := Format(KontorOrderKey.Gross, 0, 9);
        if TempBooked.FindSet() then
            repeat
                BookedLine := TempBooked;
                BookedLine.Insert();
            until TempBooked.Next() = 0;
    end;
}
