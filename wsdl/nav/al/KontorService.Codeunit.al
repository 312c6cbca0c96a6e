// Published as web service KontorService. Each call is one transaction: what fails leaves nothing behind. There is no Commit in here.
codeunit 50140 "Kontor Service"
{
    procedure Info(var info: XmlPort "Kontor Info")
    var
        ActiveSession: Record "Active Session";
        GeneralLedgerSetup: Record "General Ledger Setup";
        KontorOrderKey: Record "Kontor Order Key";
        HasKeyTable: Boolean;
    begin
        ActiveSession.Get(ServiceInstanceId(), SessionId());
        GeneralLedgerSetup.Get();
        // Without the right to write it (licence, permission set) a second order of one key cannot be refused.
        HasKeyTable := KontorOrderKey.ReadPermission() and KontorOrderKey.WritePermission();
        info.Fill('1', ActiveSession."Database Name", CompanyName(), ActiveSession."Server Instance Name", NavVersion(), HasKeyTable,
            MaxCallSeconds(), Format(20011231D), GeneralLedgerSetup."LCY Code");
    end;

    procedure ReadPrices(after: Text; maxRows: Integer; var prices: XmlPort "Kontor Prices")
    var
        TempPrice: Record "Kontor Buffer" temporary;
        KontorPriceReader: Codeunit "Kontor Price Reader";
        NextAfter: Text;
        Total: Integer;
        IsLast: Boolean;
    begin
        KontorPriceReader.Read(after, maxRows, TempPrice, NextAfter, IsLast, Total);
        prices.Fill(NextAfter, IsLast, Total, TempPrice);
    end;

    procedure ReadStock(after: Text; maxRows: Integer; var stock: XmlPort "Kontor Stock")
    var
        TempRow: Record "Kontor Buffer" temporary;
        TempExpected: Record "Kontor Buffer" temporary;
        KontorStockReader: Codeunit "Kontor Stock Reader";
        NextAfter: Text;
        Total: Integer;
        LastEntryNo: Integer;
        IsLast: Boolean;
        IsSnapshot: Boolean;
    begin
        KontorStockReader.Read(after, maxRows, TempRow, TempExpected, NextAfter, IsLast, IsSnapshot, Total, LastEntryNo);
        stock.Fill(NextAfter, IsLast, IsSnapshot, Total, LastEntryNo, TempRow, TempExpected);
    end;

    procedure CreateOrder(ourKey: Text; order: XmlPort "Kontor Order"; var booking: XmlPort "Kontor Booking")
    var
        KontorOrderKey: Record "Kontor Order Key";
        TempPartner: Record "Kontor Buffer" temporary;
        TempLine: Record "Kontor Buffer" temporary;
        TempBooked: Record "Kontor Buffer" temporary;
        KontorOrderWriter: Codeunit "Kontor Order Writer";
        State: Text;
        BlockedReason: Text;
    begin
        order.Import();
        order.GetPartners(TempPartner);
        order.GetLines(TempLine);
        KontorOrderWriter.Create(ourKey, order, TempPartner, TempLine, KontorOrderKey, State, BlockedReason, TempBooked);
        booking.Fill(State, KontorOrderKey, BlockedReason, TempBooked);
    end;

    procedure FindOrder(ourKey: Text; var booking: XmlPort "Kontor Booking")
    var
        KontorOrderKey: Record "Kontor Order Key";
        TempBooked: Record "Kontor Buffer" temporary;
        KontorOrderWriter: Codeunit "Kontor Order Writer";
        State: Text;
        BlockedReason: Text;
    begin
        KontorOrderWriter.Find(ourKey, KontorOrderKey, State, BlockedReason, TempBooked);
        booking.Fill(State, KontorOrderKey, BlockedReason, TempBooked);
    end;

    procedure FindCustomers(email: Text; vatId: Text; name: Text; postCode: Text; country: Text; var customers: XmlPort "Kontor Customers")
    var
        Customer: Record Customer;
        TempCustomer: Record "Kontor Buffer" temporary;
    begin
        if (email <> '') and (StrLen(email) <= MaxStrLen(Customer."E-Mail")) then begin
            Customer.SetFilter("E-Mail", Anyhow(email));
            AddCustomers(Customer, 'email', email, TempCustomer);
        end;
        if (vatId <> '') and (StrLen(vatId) <= MaxStrLen(Customer."VAT Registration No.")) then begin
            Customer.Reset();
            Customer.SetRange("VAT Registration No.", vatId);
            AddCustomers(Customer, 'vat_id', vatId, TempCustomer);
        end;
        if (name <> '') and (postCode <> '') and (StrLen(name) <= MaxStrLen(Customer.Name)) and
           (StrLen(postCode) <= MaxStrLen(Customer."Post Code")) and (StrLen(country) <= MaxStrLen(Customer."Country/Region Code"))
        then begin
            Customer.Reset();
            Customer.SetFilter(Name, Anyhow(name));
            Customer.SetRange("Post Code", postCode);
            Customer.SetFilter("Country/Region Code", '%1|%2', country, OwnCountry(country));
            AddCustomers(Customer, 'name', name, TempCustomer);
        end;
        customers.Fill(TempCustomer);
    end;

    // Case does not count. Buyers write these texts: what a filter would read as an operator stands for any one character in it, and
    // whoever is found so is compared as a whole.
    local procedure Anyhow(Value: Text): Text
    begin
        exit('@' + ConvertStr(Value, '&|<>=()*?.''@%', '?????????????'));
    end;

    local procedure IsMeant(var Customer: Record Customer; MatchedBy: Text; Wanted: Text): Boolean
    begin
        case MatchedBy of
            'email':
                exit(UpperCase(Customer."E-Mail") = UpperCase(Wanted));
            'name':
                exit(UpperCase(Customer.Name) = UpperCase(Wanted));
        end;
        exit(true);
    end;

    // What is found twice keeps the first reason, the strongest one.
    local procedure AddCustomers(var Customer: Record Customer; MatchedBy: Text; Wanted: Text; var TempCustomer: Record "Kontor Buffer" temporary)
    begin
        if Customer.FindSet() then
            repeat
                TempCustomer.Reset();
                TempCustomer.SetRange(No, Customer."No.");
                if TempCustomer.IsEmpty() and IsMeant(Customer, MatchedBy, Wanted) then begin
                    TempCustomer.Reset();
                    if TempCustomer.FindLast() then;
                    TempCustomer.Init();
                    TempCustomer."Entry No." += 1;
                    TempCustomer.No := Customer."No.";
                    TempCustomer.Name := Customer.Name;
                    TempCustomer.MatchedBy := CopyStr(MatchedBy, 1, MaxStrLen(TempCustomer.MatchedBy));
                    TempCustomer.Blocked := Format(Customer.Blocked <> Customer.Blocked::" ", 0, 9);
                    TempCustomer.Insert();
                end;
            until (Customer.Next() = 0) or (TempCustomer."Entry No." >= 20);
        TempCustomer.Reset();
    end;

    // Customers of the own country often have none.
    local procedure OwnCountry(Country: Text): Text
    var
        CompanyInformation: Record "Company Information";
    begin
        CompanyInformation.Get();
        if CompanyInformation."Country/Region Code" = Country then
            exit('');
        exit(Country);
    end;

    local procedure NavVersion(): Text
    var
        ApplicationSystemConstants: Codeunit "Application System Constants";
    begin
        exit(ApplicationSystemConstants.ApplicationVersion());
    end;

    // The server's longest call, in seconds: keep it as the server instance's settings have it.
    local procedure MaxCallSeconds(): Integer
    begin
        exit(600);
    end;
}
