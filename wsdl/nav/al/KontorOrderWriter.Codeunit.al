// Orders. The row of table Kontor Order Key is inserted before the document and in the same transaction: both come to be or none.
// Errors begin with a code in brackets, and with the order's line where one is meant; Kontor reads the bracket, people the words.
codeunit 50144 "Kontor Order Writer"
{
    procedure Create(OurKey: Text; var KontorOrder: XmlPort "Kontor Order"; var TempPartner: Record "Kontor Buffer" temporary; var TempLine: Record "Kontor Buffer" temporary; var KontorOrderKey: Record "Kontor Order Key"; var State: Text; var BlockedReason: Text; var TempBooked: Record "Kontor Buffer" temporary)
    begin
        if (OurKey = '') or (StrLen(OurKey) > MaxStrLen(KontorOrderKey."Our Key")) or (UpperCase(DelChr(OurKey, '=', ' ')) <> OurKey) then
            Error('[K001] The key "%1" is not one of Kontor''s.', OurKey);
        if not (KontorOrderKey.ReadPermission() and KontorOrderKey.WritePermission()) then
            Error('[K023] Table Kontor Order Key cannot be written: licence or permission set.');
        // Waits for a session that is creating an order of this key; longer than the lock timeout is a fault that says nothing.
        KontorOrderKey.LockTable();
        if not KontorOrderKey.Get(OurKey) then begin
            KontorOrderKey.Init();
            KontorOrderKey."Our Key" := CopyStr(OurKey, 1, MaxStrLen(KontorOrderKey."Our Key"));
            KontorOrderKey."Created At" := CurrentDateTime();
            if KontorOrderKey.Insert() then begin
                CreateDocument(KontorOrder, TempPartner, TempLine, KontorOrderKey, State, BlockedReason, TempBooked);
                exit;
            end;
            KontorOrderKey.Get(OurKey);
        end;
        TellDocument(KontorOrderKey, 'EXISTS', State, BlockedReason, TempBooked);
    end;

    procedure Find(OurKey: Text; var KontorOrderKey: Record "Kontor Order Key"; var State: Text; var BlockedReason: Text; var TempBooked: Record "Kontor Buffer" temporary)
    begin
        Clear(KontorOrderKey);
        State := 'ABSENT';
        if (OurKey = '') or (StrLen(OurKey) > MaxStrLen(KontorOrderKey."Our Key")) then
            exit;
        SelectLatestVersion();
        if not KontorOrderKey.Get(OurKey) then
            exit;
        // Rows of running transactions are seen: the number is written last.
        if KontorOrderKey."Order No." = '' then begin
            Clear(KontorOrderKey);
            State := 'PENDING';
            exit;
        end;
        KontorOrderKey.LockTable();
        if not KontorOrderKey.Get(OurKey) then begin
            Clear(KontorOrderKey);
            exit;
        end;
        TellDocument(KontorOrderKey, 'FOUND', State, BlockedReason, TempBooked);
    end;

    // The document's own figures while it is open, else those of its creation.
    local procedure TellDocument(var KontorOrderKey: Record "Kontor Order Key"; StateWhenThere: Text; var State: Text; var BlockedReason: Text; var TempBooked: Record "Kontor Buffer" temporary)
    var
        SalesHeader: Record "Sales Header";
        SalesInvoiceHeader: Record "Sales Invoice Header";
        SalesShipmentHeader: Record "Sales Shipment Header";
    begin
        State := StateWhenThere;
        if SalesHeader.Get(SalesHeader."Document Type"::Order, KontorOrderKey."Order No.") then
            if SalesHeader."Kontor Key" = KontorOrderKey."Our Key" then begin
                TellOpen(SalesHeader, KontorOrderKey, TempBooked);
                if SalesHeader."On Hold" = HoldCode() then begin
                    State := 'BLOCKED';
                    BlockedReason := 'On Hold ' + HoldCode();
                end;
                exit;
            end;
        SalesInvoiceHeader.SetCurrentKey("Order No.");
        SalesInvoiceHeader.SetRange("Order No.", KontorOrderKey."Order No.");
        SalesShipmentHeader.SetCurrentKey("Order No.");
        SalesShipmentHeader.SetRange("Order No.", KontorOrderKey."Order No.");
        if SalesInvoiceHeader.IsEmpty() and SalesShipmentHeader.IsEmpty() then begin
            Clear(KontorOrderKey);
            State := 'GONE';
        end;
    end;

    local procedure TellOpen(var SalesHeader: Record "Sales Header"; var KontorOrderKey: Record "Kontor Order Key"; var TempBooked: Record "Kontor Buffer" temporary)
    var
        SalesLine: Record "Sales Line";
        GeneralLedgerSetup: Record "General Ledger Setup";
        EntryNo: Integer;
    begin
        SalesHeader.CalcFields(Amount, "Amount Including VAT");
        KontorOrderKey."Currency Code" := SalesHeader."Currency Code";
        if KontorOrderKey."Currency Code" = '' then begin
            GeneralLedgerSetup.Get();
            KontorOrderKey."Currency Code" := GeneralLedgerSetup."LCY Code";
        end;
        KontorOrderKey.Net := SalesHeader.Amount;
        KontorOrderKey.Gross := SalesHeader."Amount Including VAT";
        SalesLine.SetRange("Document Type", SalesHeader."Document Type");
        SalesLine.SetRange("Document No.", SalesHeader."No.");
        SalesLine.SetFilter(Type, '<>%1', SalesLine.Type::" ");
        if SalesLine.FindSet() then
            repeat
                EntryNo += 1;
                TempBooked.Init();
                TempBooked."Entry No." := EntryNo;
                TempBooked.LineId := SalesLine."Kontor Line";
                TempBooked.Net := Format(SalesLine.Amount, 0, 9);
                TempBooked.Vat := Format(SalesLine."Amount Including VAT" - SalesLine.Amount, 0, 9);
                TempBooked.Gross := Format(SalesLine."Amount Including VAT", 0, 9);
                TempBooked.Insert();
            until SalesLine.Next() = 0;
    end;

    local procedure CreateDocument(var KontorOrder: XmlPort "Kontor Order"; var TempPartner: Record "Kontor Buffer" temporary; var TempLine: Record "Kontor Buffer" temporary; var KontorOrderKey: Record "Kontor Order Key"; var State: Text; var BlockedReason: Text; var TempBooked: Record "Kontor Buffer" temporary)
    var
        SalesHeader: Record "Sales Header";
    begin
        if TempLine.IsEmpty() then
            Error('[K006] The order has no lines.');
        CreateHeader(KontorOrder, TempPartner, KontorOrderKey."Our Key", SalesHeader);
        CreateLines(KontorOrder, TempLine, SalesHeader);
        Sum(SalesHeader);
        SalesHeader.CalcFields(Amount, "Amount Including VAT");
        State := 'BOOKED';
        if KontorOrder.Value('Pricing') = 'shop' then
            BlockedReason := Difference(KontorOrder, SalesHeader);
        if BlockedReason <> '' then begin
            SalesHeader."On Hold" := HoldCode();
            SalesHeader.Modify(true);
            State := 'BLOCKED';
        end;
        TellOpen(SalesHeader, KontorOrderKey, TempBooked);
        KontorOrderKey."Order No." := SalesHeader."No.";
        KontorOrderKey.Modify();
    end;

    // In the order of the page: the customer first, since it fills the rest; then what the shop knows better.
    local procedure CreateHeader(var KontorOrder: XmlPort "Kontor Order"; var TempPartner: Record "Kontor Buffer" temporary; OurKey: Code[40]; var SalesHeader: Record "Sales Header")
    var
        Customer: Record Customer;
    begin
        if StrLen(KontorOrder.Value('CustomerNo')) > MaxStrLen(Customer."No.") then
            Error('[K009] There is no customer %1.', KontorOrder.Value('CustomerNo'));
        if not Customer.Get(KontorOrder.Value('CustomerNo')) then
            Error('[K009] There is no customer %1.', KontorOrder.Value('CustomerNo'));
        if Customer.Blocked <> Customer.Blocked::" " then
            Error('[K010] Customer %1 is blocked (%2).', Customer."No.", Customer.Blocked);
        SalesHeader.SetHideValidationDialog(true);
        SalesHeader.Init();
        SalesHeader."Document Type" := SalesHeader."Document Type"::Order;
        SalesHeader."No." := '';
        SalesHeader."Kontor Key" := OurKey;
        SalesHeader.Insert(true);
        SalesHeader.Validate("Sell-to Customer No.", Customer."No.");
        SalesHeader.Validate("Order Date", ReadDay(KontorOrder.Value('OrderDate')));
        if KontorOrder.Value('RequestedDeliveryDate') <> '' then
            SalesHeader.Validate("Requested Delivery Date", ReadDay(KontorOrder.Value('RequestedDeliveryDate')));
        SetCurrency(KontorOrder.Value('CurrencyCode'), SalesHeader);
        SalesHeader.Validate("Prices Including VAT", KontorOrder.Value('PricesIncludeVat') = 'true');
        SalesHeader."External Document No." := CopyStr(KontorOrder.Value('ExternalDocumentNo'), 1, MaxStrLen(SalesHeader."External Document No."));
        SalesHeader."Your Reference" := CopyStr(KontorOrder.Value('YourReference'), 1, MaxStrLen(SalesHeader."Your Reference"));
        SalesHeader."Kontor Payment Ref." := CopyStr(KontorOrder.Value('PaymentRef'), 1, MaxStrLen(SalesHeader."Kontor Payment Ref."));
        SetPayment(KontorOrder.Value('PaymentMethodCode'), SalesHeader);
        SetLanguage(KontorOrder.Value('LanguageCode'), SalesHeader);
        SetSellTo(TempPartner, SalesHeader);
        SetShipTo(TempPartner, SalesHeader);
        SalesHeader.Modify(true);
    end;

    local procedure SetCurrency(CurrencyCode: Text; var SalesHeader: Record "Sales Header")
    var
        Currency: Record Currency;
        GeneralLedgerSetup: Record "General Ledger Setup";
    begin
        GeneralLedgerSetup.Get();
        if GeneralLedgerSetup."LCY Code" = '' then
            Error('[K016] The general ledger setup names no local currency.');
        if CurrencyCode = GeneralLedgerSetup."LCY Code" then begin
            SalesHeader.Validate("Currency Code", '');
            exit;
        end;
        if (CurrencyCode = '') or (StrLen(CurrencyCode) > MaxStrLen(Currency.Code)) then
            Error('[K004] There is no currency %1.', CurrencyCode);
        if not Currency.Get(CurrencyCode) then
            Error('[K004] There is no currency %1.', CurrencyCode);
        SalesHeader.Validate("Currency Code", Currency.Code);
    end;

    local procedure SetPayment(PaymentMethodCode: Text; var SalesHeader: Record "Sales Header")
    var
        PaymentMethod: Record "Payment Method";
    begin
        if PaymentMethodCode = '' then
            exit;
        if StrLen(PaymentMethodCode) > MaxStrLen(PaymentMethod.Code) then
            Error('[K021] There is no payment method %1.', PaymentMethodCode);
        if not PaymentMethod.Get(PaymentMethodCode) then
            Error('[K021] There is no payment method %1.', PaymentMethodCode);
        SalesHeader.Validate("Payment Method Code", PaymentMethod.Code);
    end;

    local procedure SetLanguage(LanguageCode: Text; var SalesHeader: Record "Sales Header")
    var
        Language: Record Language;
    begin
        if LanguageCode = '' then
            exit;
        if StrLen(LanguageCode) > MaxStrLen(Language.Code) then
            Error('[K022] There is no language %1.', LanguageCode);
        if not Language.Get(LanguageCode) then
            Error('[K022] There is no language %1.', LanguageCode);
        SalesHeader.Validate("Language Code", Language.Code);
    end;

    // Assigned, not validated: validation of a postal code or a city asks a person where several fit.
    local procedure SetSellTo(var TempPartner: Record "Kontor Buffer" temporary; var SalesHeader: Record "Sales Header")
    begin
        TempPartner.SetRange(Role, 'SellTo');
        if not TempPartner.FindFirst() then
            exit;
        CheckCountry(TempPartner.CountryCode);
        SalesHeader."Sell-to Customer Name" := CopyStr(TempPartner.Name, 1, MaxStrLen(SalesHeader."Sell-to Customer Name"));
        SalesHeader."Sell-to Customer Name 2" := CopyStr(TempPartner.Name2, 1, MaxStrLen(SalesHeader."Sell-to Customer Name 2"));
        SalesHeader."Sell-to Contact" := CopyStr(TempPartner.Contact, 1, MaxStrLen(SalesHeader."Sell-to Contact"));
        SalesHeader."Sell-to Address" := CopyStr(TempPartner.Address, 1, MaxStrLen(SalesHeader."Sell-to Address"));
        SalesHeader."Sell-to Address 2" := CopyStr(TempPartner.Address2, 1, MaxStrLen(SalesHeader."Sell-to Address 2"));
        SalesHeader."Sell-to Post Code" := CopyStr(TempPartner.PostCode, 1, MaxStrLen(SalesHeader."Sell-to Post Code"));
        SalesHeader."Sell-to City" := CopyStr(TempPartner.City, 1, MaxStrLen(SalesHeader."Sell-to City"));
        SalesHeader."Sell-to County" := CopyStr(TempPartner.County, 1, MaxStrLen(SalesHeader."Sell-to County"));
        SalesHeader."Sell-to Country/Region Code" := CopyStr(TempPartner.CountryCode, 1, MaxStrLen(SalesHeader."Sell-to Country/Region Code"));
        SalesHeader."Kontor E-Mail" := CopyStr(TempPartner.Email, 1, MaxStrLen(SalesHeader."Kontor E-Mail"));
        SalesHeader."Kontor Phone" := CopyStr(TempPartner.Phone, 1, MaxStrLen(SalesHeader."Kontor Phone"));
        if TempPartner.VatId <> '' then
            SalesHeader."VAT Registration No." := CopyStr(TempPartner.VatId, 1, MaxStrLen(SalesHeader."VAT Registration No."));
        // A customer that another one pays for keeps that one's address.
        if SalesHeader."Bill-to Customer No." <> SalesHeader."Sell-to Customer No." then
            exit;
        SalesHeader."Bill-to Name" := SalesHeader."Sell-to Customer Name";
        SalesHeader."Bill-to Name 2" := SalesHeader."Sell-to Customer Name 2";
        SalesHeader."Bill-to Contact" := SalesHeader."Sell-to Contact";
        SalesHeader."Bill-to Address" := SalesHeader."Sell-to Address";
        SalesHeader."Bill-to Address 2" := SalesHeader."Sell-to Address 2";
        SalesHeader."Bill-to Post Code" := SalesHeader."Sell-to Post Code";
        SalesHeader."Bill-to City" := SalesHeader."Sell-to City";
        SalesHeader."Bill-to County" := SalesHeader."Sell-to County";
        SalesHeader."Bill-to Country/Region Code" := SalesHeader."Sell-to Country/Region Code";
    end;

    local procedure SetShipTo(var TempPartner: Record "Kontor Buffer" temporary; var SalesHeader: Record "Sales Header")
    begin
        TempPartner.SetRange(Role, 'ShipTo');
        if not TempPartner.FindFirst() then
            exit;
        CheckCountry(TempPartner.CountryCode);
        SalesHeader."Ship-to Code" := '';
        SalesHeader."Ship-to Name" := CopyStr(TempPartner.Name, 1, MaxStrLen(SalesHeader."Ship-to Name"));
        SalesHeader."Ship-to Name 2" := CopyStr(TempPartner.Name2, 1, MaxStrLen(SalesHeader."Ship-to Name 2"));
        SalesHeader."Ship-to Contact" := CopyStr(TempPartner.Contact, 1, MaxStrLen(SalesHeader."Ship-to Contact"));
        SalesHeader."Ship-to Address" := CopyStr(TempPartner.Address, 1, MaxStrLen(SalesHeader."Ship-to Address"));
        SalesHeader."Ship-to Address 2" := CopyStr(TempPartner.Address2, 1, MaxStrLen(SalesHeader."Ship-to Address 2"));
        SalesHeader."Ship-to Post Code" := CopyStr(TempPartner.PostCode, 1, MaxStrLen(SalesHeader."Ship-to Post Code"));
        SalesHeader."Ship-to City" := CopyStr(TempPartner.City, 1, MaxStrLen(SalesHeader."Ship-to City"));
        SalesHeader."Ship-to County" := CopyStr(TempPartner.County, 1, MaxStrLen(SalesHeader."Ship-to County"));
        SalesHeader."Ship-to Country/Region Code" := CopyStr(TempPartner.CountryCode, 1, MaxStrLen(SalesHeader."Ship-to Country/Region Code"));
    end;

    local procedure CheckCountry(CountryCode: Text)
    var
        CountryRegion: Record "Country/Region";
    begin
        if CountryCode = '' then
            exit;
        if StrLen(CountryCode) > MaxStrLen(CountryRegion.Code) then
            Error('[K011] There is no country %1.', CountryCode);
        if not CountryRegion.Get(CountryCode) then
            Error('[K011] There is no country %1.', CountryCode);
    end;

    local procedure CreateLines(var KontorOrder: XmlPort "Kontor Order"; var TempLine: Record "Kontor Buffer" temporary; var SalesHeader: Record "Sales Header")
    var
        SalesLine: Record "Sales Line";
        Index: Integer;
    begin
        TempLine.FindSet();
        repeat
            Index += 1;
            if (TempLine.LineId = '') or (StrLen(TempLine.LineId) > MaxStrLen(SalesLine."Kontor Line")) then
                Error('[K007 %1] The line has no id.', Index);
            SalesLine.Reset();
            SalesLine.SetRange("Document Type", SalesHeader."Document Type");
            SalesLine.SetRange("Document No.", SalesHeader."No.");
            SalesLine.SetRange("Kontor Line", TempLine.LineId);
            if not SalesLine.IsEmpty() then
                Error('[K007 %1] The id %2 comes twice.', Index, TempLine.LineId);
            CreateLine(KontorOrder, TempLine, SalesHeader, Index);
        until TempLine.Next() = 0;
    end;

    local procedure CreateLine(var KontorOrder: XmlPort "Kontor Order"; var TempLine: Record "Kontor Buffer" temporary; var SalesHeader: Record "Sales Header"; Index: Integer)
    var
        SalesLine: Record "Sales Line";
        Amount: Decimal;
        Quantity: Decimal;
    begin
        Quantity := ReadNumber(TempLine.Quantity);
        if Quantity <= 0 then
            Error('[K013 %1] The quantity %2 is not above zero.', Index, TempLine.Quantity);
        if SalesHeader."Prices Including VAT" then
            Amount := ReadNumber(TempLine.Gross)
        else
            Amount := ReadNumber(TempLine.Net);
        SalesLine.Init();
        SalesLine."Document Type" := SalesHeader."Document Type";
        SalesLine."Document No." := SalesHeader."No.";
        SalesLine."Line No." := 10000 * Index;
        SetWhat(TempLine, Index, SalesLine);
        if TempLine.Description <> '' then
            SalesLine.Description := CopyStr(TempLine.Description, 1, MaxStrLen(SalesLine.Description));
        SetUnit(TempLine, Index, SalesLine);
        // What is taken off stands as a negative quantity: a price below zero is not posted everywhere.
        if Amount < 0 then
            Quantity := -Quantity;
        SalesLine.Validate(Quantity, Quantity);
        if (KontorOrder.Value('Pricing') = 'shop') or (SalesLine.Type <> SalesLine.Type::Item) then
            SetPrice(Amount, SalesHeader, SalesLine);
        SalesLine."Kontor Line" := CopyStr(TempLine.LineId, 1, MaxStrLen(SalesLine."Kontor Line"));
        SalesLine.Insert(true);
    end;

    local procedure SetWhat(var TempLine: Record "Kontor Buffer" temporary; Index: Integer; var SalesLine: Record "Sales Line")
    var
        Item: Record Item;
        GLAccount: Record "G/L Account";
        ItemCharge: Record "Item Charge";
        Resource: Record Resource;
        ItemNo: Code[20];
        VariantCode: Code[10];
        No: Code[20];
    begin
        if TempLine.Type = 'Item' then begin
            if not ResolveSku(TempLine.No, ItemNo, VariantCode) then
                Error('[K014 %1] There is no item %2.', Index, TempLine.No);
            Item.Get(ItemNo);
            if Item.Blocked then
                Error('[K020 %1] Item %2 is blocked.', Index, ItemNo);
            SalesLine.Validate(Type, SalesLine.Type::Item);
            SalesLine.Validate("No.", ItemNo);
            if VariantCode <> '' then
                SalesLine.Validate("Variant Code", VariantCode);
            exit;
        end;
        if (TempLine.No = '') or (StrLen(TempLine.No) > MaxStrLen(No)) then
            Error('[K012 %1] The line names nothing to be booked on.', Index);
        No := CopyStr(TempLine.No, 1, MaxStrLen(No));
        case TempLine.Type of
            'GLAccount':
                begin
                    if not GLAccount.Get(No) then
                        Error('[K012 %1] There is no account %2.', Index, No);
                    SalesLine.Validate(Type, SalesLine.Type::"G/L Account");
                end;
            'ChargeItem':
                begin
                    if not ItemCharge.Get(No) then
                        Error('[K012 %1] There is no item charge %2.', Index, No);
                    SalesLine.Validate(Type, SalesLine.Type::"Charge (Item)");
                end;
            'Resource':
                begin
                    if not Resource.Get(No) then
                        Error('[K012 %1] There is no resource %2.', Index, No);
                    SalesLine.Validate(Type, SalesLine.Type::Resource);
                end;
            else
                Error('[K012 %1] Lines of type "%2" are not known.', Index, TempLine.Type);
        end;
        SalesLine.Validate("No.", No);
    end;

    // An item number may hold the separator itself, so the whole text is tried first, then every cut from the right.
    local procedure ResolveSku(Sku: Text; var ItemNo: Code[20]; var VariantCode: Code[10]): Boolean
    var
        Item: Record Item;
        ItemVariant: Record "Item Variant";
        At: Integer;
    begin
        VariantCode := '';
        if (Sku <> '') and (StrLen(Sku) <= MaxStrLen(Item."No.")) then
            if Item.Get(Sku) then begin
                ItemNo := Item."No.";
                ItemVariant.SetRange("Item No.", ItemNo);
                exit(ItemVariant.IsEmpty());
            end;
        for At := StrLen(Sku) - StrLen(Separator()) downto 2 do
            if CopyStr(Sku, At, StrLen(Separator())) = Separator() then
                if (At - 1 <= MaxStrLen(ItemVariant."Item No.")) and (StrLen(Sku) - At - StrLen(Separator()) + 1 <= MaxStrLen(ItemVariant.Code)) then
                    if ItemVariant.Get(CopyStr(Sku, 1, At - 1), CopyStr(Sku, At + StrLen(Separator()))) then begin
                        ItemNo := ItemVariant."Item No.";
                        VariantCode := ItemVariant.Code;
                        exit(true);
                    end;
        exit(false);
    end;

    // As Kontor's setting variant_separator has it.
    local procedure Separator(): Text
    begin
        exit('.');
    end;

    local procedure SetUnit(var TempLine: Record "Kontor Buffer" temporary; Index: Integer; var SalesLine: Record "Sales Line")
    var
        Item: Record Item;
        ItemUnitOfMeasure: Record "Item Unit of Measure";
        UnitCode: Text;
    begin
        if SalesLine.Type <> SalesLine.Type::Item then
            exit;
        // An order without a unit counts in base units; the sales unit of the item may be another one.
        UnitCode := TempLine.UnitCode;
        if UnitCode = '' then begin
            Item.Get(SalesLine."No.");
            UnitCode := Item."Base Unit of Measure";
        end;
        if StrLen(UnitCode) > MaxStrLen(ItemUnitOfMeasure.Code) then
            Error('[K005 %1] Item %2 is not sold in %3.', Index, SalesLine."No.", UnitCode);
        if not ItemUnitOfMeasure.Get(SalesLine."No.", UnitCode) then
            Error('[K005 %1] Item %2 is not sold in %3.', Index, SalesLine."No.", UnitCode);
        SalesLine.Validate("Unit of Measure Code", ItemUnitOfMeasure.Code);
    end;

    // The unit price is rounded up and the line amount then set: NAV keeps the rest as a discount, and the line is what the shop sold it for.
    local procedure SetPrice(Amount: Decimal; var SalesHeader: Record "Sales Header"; var SalesLine: Record "Sales Line")
    var
        Currency: Record Currency;
    begin
        if SalesHeader."Currency Code" = '' then
            Currency.InitRoundingPrecision()
        else
            Currency.Get(SalesHeader."Currency Code");
        SalesLine.Validate("Unit Price", Round(Amount / SalesLine.Quantity, Currency."Unit-Amount Rounding Precision", '>'));
        SalesLine.Validate("Line Discount %", 0);
        if SalesLine."Unit Price" <> 0 then
            SalesLine.Validate("Line Amount", Amount);
    end;

    // VAT per group as the document's statistics have it.
    local procedure Sum(var SalesHeader: Record "Sales Header")
    var
        SalesLine: Record "Sales Line";
        TempVATAmountLine: Record "VAT Amount Line" temporary;
    begin
        SalesLine.SetRange("Document Type", SalesHeader."Document Type");
        SalesLine.SetRange("Document No.", SalesHeader."No.");
        SalesLine.SetSalesHeader(SalesHeader);
        SalesLine.CalcVATAmountLines(0, SalesHeader, SalesLine, TempVATAmountLine);
        SalesLine.UpdateVATOnLines(0, SalesHeader, SalesLine, TempVATAmountLine);
    end;

    local procedure Difference(var KontorOrder: XmlPort "Kontor Order"; var SalesHeader: Record "Sales Header"): Text
    var
        Tolerance: Decimal;
        Vat: Decimal;
    begin
        Tolerance := ReadNumber(KontorOrder.Value('Tolerance'));
        Vat := SalesHeader."Amount Including VAT" - SalesHeader.Amount;
        if (Abs(SalesHeader.Amount - ReadNumber(KontorOrder.Value('Net'))) > Tolerance) or
           (Abs(Vat - ReadNumber(KontorOrder.Value('Vat'))) > Tolerance) or
           (Abs(SalesHeader."Amount Including VAT" - ReadNumber(KontorOrder.Value('Gross'))) > Tolerance)
        then
            exit('On Hold ' + HoldCode() + ': ' + Format(SalesHeader."Amount Including VAT", 0, 9) + ' instead of ' + KontorOrder.Value('Gross'));
        exit('');
    end;

    local procedure ReadNumber(Value: Text): Decimal
    var
        Number: Decimal;
    begin
        if Value = '' then
            exit(0);
        if not Evaluate(Number, Value, 9) then
            Error('[K013] "%1" is no number.', Value);
        exit(Number);
    end;

    local procedure ReadDay(Value: Text): Date
    var
        Day: Date;
    begin
        if Value = '' then
            exit(WorkDate());
        if not Evaluate(Day, Value, 9) then
            Error('[K024] "%1" is no day.', Value);
        exit(Day);
    end;

    procedure HoldCode(): Code[3]
    begin
        exit('KON');
    end;
}
