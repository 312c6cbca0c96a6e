// Prices in a walk: first those on the item cards, then the lines of the price lists. The token says which of the two, how many rows
// were given out, and behind which record to go on. No change runs: prices keep no trace of what was deleted.
codeunit 50142 "Kontor Price Reader"
{
    var
        GeneralLedgerSetup: Record "General Ledger Setup";
        MaxCount: Integer;
        RowCount: Integer;

    procedure Read(After: Text; MaxRows: Integer; var TempPrice: Record "Kontor Buffer" temporary; var NextAfter: Text; var IsLast: Boolean; var Total: Integer)
    var
        Phase: Text;
        Place: Text;
        Given: Integer;
        IsDone: Boolean;
    begin
        GeneralLedgerSetup.Get();
        MaxCount := MaxRows;
        if (MaxCount < 1) or (MaxCount > 5000) then
            MaxCount := 1000;
        RowCount := 0;
        Phase := 'I';
        if After <> '' then
            ReadToken(After, Phase, Given, Place);
        if Phase = 'I' then begin
            IsDone := ReadItems(Place, TempPrice);
            if IsDone then begin
                Phase := 'S';
                Place := '';
                IsDone := false;
            end;
        end;
        if (Phase = 'S') and (RowCount < MaxCount) then
            IsDone := ReadLists(Place, TempPrice);
        Given += RowCount;
        IsLast := IsDone;
        Total := -1;
        NextAfter := '';
        if IsLast then
            Total := Given
        else
            NextAfter := Phase + ';' + Format(Given, 0, 9) + ';' + Place;
    end;

    local procedure ReadToken(After: Text; var Phase: Text; var Given: Integer; var Place: Text)
    var
        At: Integer;
    begin
        Phase := CopyStr(After, 1, 1);
        At := StrPos(CopyStr(After, 3), ';');
        if not (Phase in ['I', 'S']) or (CopyStr(After, 2, 1) <> ';') or (At < 2) then
            Error('[K002] The place to go on from cannot be read.');
        if not Evaluate(Given, CopyStr(After, 3, At - 1), 9) then
            Error('[K002] The place to go on from cannot be read.');
        Place := CopyStr(After, 3 + At);
    end;

    // True: no item is left.
    local procedure ReadItems(var Place: Text; var TempPrice: Record "Kontor Buffer" temporary): Boolean
    var
        Item: Record Item;
    begin
        if Place <> '' then
            Item.SetFilter("No.", '>%1', Place);
        if not Item.FindSet() then
            exit(true);
        repeat
            if Item."Unit Price" <> 0 then
                AddItem(Item, TempPrice);
            Place := Item."No.";
            if RowCount >= MaxCount then
                exit(Item.Next() = 0);
        until Item.Next() = 0;
        exit(true);
    end;

    local procedure AddItem(Item: Record Item; var TempPrice: Record "Kontor Buffer" temporary)
    var
        ItemVariant: Record "Item Variant";
    begin
        ItemVariant.SetRange("Item No.", Item."No.");
        if ItemVariant.FindSet() then
            repeat
                AddItemRow(Item, ItemVariant.Code, TempPrice);
            until ItemVariant.Next() = 0
        else
            AddItemRow(Item, '', TempPrice);
    end;

    local procedure AddItemRow(Item: Record Item; VariantCode: Code[10]; var TempPrice: Record "Kontor Buffer" temporary)
    begin
        NewRow(Item, VariantCode, 'ITEM/' + Item."No.", TempPrice);
        TempPrice.UnitPrice := Number(Item."Unit Price");
        TempPrice.PriceIncludesVat := Format(Item."Price Includes VAT", 0, 9);
        TempPrice.CurrencyCode := GeneralLedgerSetup."LCY Code";
        TempPrice.MinQuantity := '0';
        TempPrice.Insert();
    end;

    // An item with variants is sold as its variants alone: a price for all of them comes once for each.
    local procedure NewRow(Item: Record Item; VariantCode: Code[10]; Id: Text; var TempPrice: Record "Kontor Buffer" temporary)
    begin
        RowCount += 1;
        TempPrice.Init();
        TempPrice."Entry No." := RowCount;
        if VariantCode <> '' then
            Id := Id + '/' + VariantCode;
        TempPrice.Id := CopyStr(Id, 1, MaxStrLen(TempPrice.Id));
        TempPrice.ItemNo := Item."No.";
        TempPrice.VariantCode := VariantCode;
        TempPrice.Kind := PriceKind();
        TempPrice.VatGroup := Item."VAT Prod. Posting Group";
    end;

    // The place to adapt where a site keeps special offers as prices of their own: List, Sale or Reference.
    local procedure PriceKind(): Text[10]
    begin
        exit('List');
    end;

    // True: no line is left. What has ended is left out; campaigns hold for contacts that no shop knows.
    local procedure ReadLists(var Place: Text; var TempPrice: Record "Kontor Buffer" temporary): Boolean
    var
        PriceListLine: Record "Price List Line";
        IsThere: Boolean;
    begin
        PriceListLine.SetRange("Price Type", PriceListLine."Price Type"::Sale);
        PriceListLine.SetRange(Status, PriceListLine.Status::Active);
        PriceListLine.SetRange("Asset Type", PriceListLine."Asset Type"::Item);
        PriceListLine.SetRange("Amount Type", PriceListLine."Amount Type"::Price, PriceListLine."Amount Type"::"Price & Discount");
        PriceListLine.SetFilter("Ending Date", '%1|>=%2', 0D, Today());
        if Place <> '' then begin
            PriceListLine.SetPosition(Place);
            IsThere := PriceListLine.Find('>');
        end else
            IsThere := PriceListLine.FindSet();
        if not IsThere then
            exit(true);
        repeat
            AddListLine(PriceListLine, TempPrice);
            Place := PriceListLine.GetPosition(false);
            if RowCount >= MaxCount then
                exit(PriceListLine.Next() = 0);
        until PriceListLine.Next() = 0;
        exit(true);
    end;

    local procedure AddListLine(PriceListLine: Record "Price List Line"; var TempPrice: Record "Kontor Buffer" temporary)
    var
        Item: Record Item;
        ItemVariant: Record "Item Variant";
    begin
        if not (PriceListLine."Source Type" in [PriceListLine."Source Type"::"All Customers", PriceListLine."Source Type"::Customer,
                                                PriceListLine."Source Type"::"Customer Price Group"])
        then
            exit;
        if not Item.Get(PriceListLine."Asset No.") then
            exit;
        ItemVariant.SetRange("Item No.", Item."No.");
        if PriceListLine."Variant Code" <> '' then
            AddListRow(PriceListLine, Item, PriceListLine."Variant Code", TempPrice)
        else
            if ItemVariant.FindSet() then
                repeat
                    AddListRow(PriceListLine, Item, ItemVariant.Code, TempPrice);
                until ItemVariant.Next() = 0
            else
                AddListRow(PriceListLine, Item, '', TempPrice);
    end;

    local procedure AddListRow(PriceListLine: Record "Price List Line"; Item: Record Item; VariantCode: Code[10]; var TempPrice: Record "Kontor Buffer" temporary)
    begin
        NewRow(Item, VariantCode, 'SP/' + PriceListLine."Price List Code" + '/' + Format(PriceListLine."Line No.", 0, 9), TempPrice);
        case PriceListLine."Source Type" of
            PriceListLine."Source Type"::Customer:
                TempPrice.CustomerNo := PriceListLine."Source No.";
            PriceListLine."Source Type"::"Customer Price Group":
                TempPrice.CustomerPriceGroup := PriceListLine."Source No.";
        end;
        if PriceListLine."Unit of Measure Code" <> Item."Base Unit of Measure" then
            TempPrice.UnitCode := PriceListLine."Unit of Measure Code";
        TempPrice.CurrencyCode := PriceListLine."Currency Code";
        if TempPrice.CurrencyCode = '' then
            TempPrice.CurrencyCode := GeneralLedgerSetup."LCY Code";
        TempPrice.MinQuantity := Number(PriceListLine."Minimum Quantity");
        TempPrice.UnitPrice := Number(PriceListLine."Unit Price");
        TempPrice.PriceIncludesVat := Format(PriceListLine."Price Includes VAT", 0, 9);
        TempPrice.StartingDate := Day(PriceListLine."Starting Date");
        TempPrice.EndingDate := Day(PriceListLine."Ending Date");
        TempPrice.Insert();
    end;

    local procedure Number(Value: Decimal): Text[30]
    begin
        exit(Format(Round(Value, 0.00001), 0, 9));
    end;

    local procedure Day(Value: Date): Text[10]
    begin
        if Value = 0D then
            exit('');
        exit(Format(Value, 0, 9));
    end;
}
