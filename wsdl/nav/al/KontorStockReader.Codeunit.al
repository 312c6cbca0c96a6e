// Stock per item, variant and location. Without a token everything (a walk), else the pairs of item and variant that something
// happened to: an item ledger entry, or a sales or purchase line (table Kontor Touch, filled by codeunit Kontor Events).
// Tokens
//   W;startEntry;startTouch;given;place             within a walk
//   D;entry;touch;nextEntry;nextTouch;stamp;place   behind a walk, or within and behind a run of changes
// A run begins at numbers that are five minutes old at least: rows that were read before their transaction ended may have been taken
// back or may not have been seen. Some pairs come twice, none is missed. A place is the length of the item number, ":", the item number
// and the variant code.
codeunit 50143 "Kontor Stock Reader"
{
    var
        MaxCount: Integer;
        RowCount: Integer;
        ExpectedCount: Integer;

    procedure Read(After: Text; MaxRows: Integer; var TempRow: Record "Kontor Buffer" temporary; var TempExpected: Record "Kontor Buffer" temporary; var NextAfter: Text; var IsLast: Boolean; var IsSnapshot: Boolean; var Total: Integer; var LastEntryNo: Integer)
    begin
        MaxCount := MaxRows;
        if (MaxCount < 1) or (MaxCount > 5000) then
            MaxCount := 1000;
        RowCount := 0;
        ExpectedCount := 0;
        SelectLatestVersion();
        LastEntryNo := LastEntry();
        IsSnapshot := CopyStr(After, 1, 1) <> 'D';
        if not IsSnapshot then
            IsSnapshot := IsTooOld(After);
        Total := -1;
        if IsSnapshot then
            ReadAll(After, TempRow, TempExpected, NextAfter, IsLast, Total)
        else
            ReadChanges(After, TempRow, TempExpected, NextAfter, IsLast);
    end;

    local procedure ReadAll(After: Text; var TempRow: Record "Kontor Buffer" temporary; var TempExpected: Record "Kontor Buffer" temporary; var NextAfter: Text; var IsLast: Boolean; var Total: Integer)
    var
        StartEntry: Integer;
        StartTouch: Integer;
        Given: Integer;
        ItemNo: Code[20];
        VariantCode: Code[10];
    begin
        if CopyStr(After, 1, 1) = 'W' then begin
            StartEntry := Whole(After, 2);
            StartTouch := Whole(After, 3);
            Given := Whole(After, 4);
            ReadPlace(Rest(After, 5), ItemNo, VariantCode);
        end else begin
            if (After <> '') and (CopyStr(After, 1, 1) <> 'D') then
                Error('[K002] The place to go on from cannot be read.');
            DeleteOldTouches();
            StartEntry := LastEntry();
            StartTouch := LastTouch();
        end;
        IsLast := Walk(ItemNo, VariantCode, TempRow, TempExpected);
        Given += RowCount;
        if IsLast then begin
            Total := Given;
            NextAfter := ChangeToken(StartEntry, StartTouch, StartEntry, StartTouch, CurrentDateTime(), '')
        end else
            NextAfter := 'W;' + Format(StartEntry, 0, 9) + ';' + Format(StartTouch, 0, 9) + ';' + Format(Given, 0, 9) + ';' +
              Place(ItemNo, VariantCode);
    end;

    // True: no pair is left. On return ItemNo and VariantCode are the last pair's.
    local procedure Walk(var ItemNo: Code[20]; var VariantCode: Code[10]; var TempRow: Record "Kontor Buffer" temporary; var TempExpected: Record "Kontor Buffer" temporary): Boolean
    var
        Item: Record Item;
        ItemVariant: Record "Item Variant";
    begin
        Item.SetRange(Type, Item.Type::Inventory);
        if ItemNo <> '' then
            Item.SetFilter("No.", '>=%1', ItemNo);
        if not Item.FindSet() then
            exit(true);
        repeat
            ItemVariant.Reset();
            ItemVariant.SetRange("Item No.", Item."No.");
            if ItemVariant.IsEmpty() then begin
                if Item."No." <> ItemNo then begin
                    if RowCount >= MaxCount then
                        exit(false);
                    AddPair(Item, '', TempRow, TempExpected);
                    ItemNo := Item."No.";
                    VariantCode := '';
                end;
            end else begin
                if Item."No." = ItemNo then
                    ItemVariant.SetFilter(Code, '>%1', VariantCode);
                if ItemVariant.FindSet() then
                    repeat
                        if RowCount >= MaxCount then
                            exit(false);
                        AddPair(Item, ItemVariant.Code, TempRow, TempExpected);
                        ItemNo := Item."No.";
                        VariantCode := ItemVariant.Code;
                    until ItemVariant.Next() = 0;
            end;
        until Item.Next() = 0;
        exit(true);
    end;

    local procedure ReadChanges(After: Text; var TempRow: Record "Kontor Buffer" temporary; var TempExpected: Record "Kontor Buffer" temporary; var NextAfter: Text; var IsLast: Boolean)
    var
        Item: Record Item;
        TempPair: Record "Item Variant" temporary;
        BeginEntry: Integer;
        BeginTouch: Integer;
        IsThere: Boolean;
    begin
        BeginEntry := LastEntry();
        BeginTouch := LastTouch();
        CollectPairs(Whole(After, 2), Whole(After, 3), TempPair);
        ReadPlace(Rest(After, 7), TempPair."Item No.", TempPair.Code);
        if TempPair."Item No." <> '' then
            IsThere := TempPair.Find('>')
        else
            IsThere := TempPair.FindFirst();
        IsLast := not IsThere;
        while IsThere and (RowCount < MaxCount) do begin
            if Item.Get(TempPair."Item No.") then
                AddPair(Item, TempPair.Code, TempRow, TempExpected);
            NextAfter := Place(TempPair."Item No.", TempPair.Code);
            IsThere := TempPair.Next() <> 0;
            IsLast := not IsThere;
        end;
        if not IsLast then
            NextAfter := ChangeToken(Whole(After, 2), Whole(After, 3), Whole(After, 4), Whole(After, 5), Stamp(After), NextAfter)
        else
            if CurrentDateTime() - Stamp(After) < 5 * 60 * 1000 then
                NextAfter := ChangeToken(Whole(After, 2), Whole(After, 3), Whole(After, 4), Whole(After, 5), Stamp(After), '')
            else
                NextAfter := ChangeToken(Whole(After, 4), Whole(After, 5), BeginEntry, BeginTouch, CurrentDateTime(), '');
    end;

    // A pair that nothing is sold as (an item of variants without one) is left out.
    local procedure CollectPairs(AfterEntry: Integer; AfterTouch: Integer; var TempPair: Record "Item Variant" temporary)
    var
        ItemLedgerEntry: Record "Item Ledger Entry";
        KontorTouch: Record "Kontor Touch";
    begin
        ItemLedgerEntry.SetFilter("Entry No.", '>%1', AfterEntry);
        if ItemLedgerEntry.FindSet() then
            repeat
                CollectPair(ItemLedgerEntry."Item No.", ItemLedgerEntry."Variant Code", TempPair);
            until ItemLedgerEntry.Next() = 0;
        KontorTouch.SetFilter("Entry No.", '>%1', AfterTouch);
        if KontorTouch.FindSet() then
            repeat
                CollectPair(KontorTouch."Item No.", KontorTouch."Variant Code", TempPair);
            until KontorTouch.Next() = 0;
    end;

    local procedure CollectPair(ItemNo: Code[20]; VariantCode: Code[10]; var TempPair: Record "Item Variant" temporary)
    var
        Item: Record Item;
        ItemVariant: Record "Item Variant";
    begin
        if TempPair.Get(ItemNo, VariantCode) then
            exit;
        if not Item.Get(ItemNo) then
            exit;
        if Item.Type <> Item.Type::Inventory then
            exit;
        ItemVariant.SetRange("Item No.", ItemNo);
        if (VariantCode = '') and not ItemVariant.IsEmpty() then
            exit;
        TempPair.Init();
        TempPair."Item No." := ItemNo;
        TempPair.Code := VariantCode;
        TempPair.Insert();
    end;

    local procedure AddPair(Item: Record Item; VariantCode: Code[10]; var TempRow: Record "Kontor Buffer" temporary; var TempExpected: Record "Kontor Buffer" temporary)
    var
        Location: Record Location;
    begin
        AddLocation(Item, VariantCode, '', TempRow, TempExpected);
        Location.SetRange("Use As In-Transit", false);
        if Location.FindSet() then
            repeat
                AddLocation(Item, VariantCode, Location.Code, TempRow, TempExpected);
            until Location.Next() = 0;
    end;

    local procedure AddLocation(Item: Record Item; VariantCode: Code[10]; LocationCode: Code[10]; var TempRow: Record "Kontor Buffer" temporary; var TempExpected: Record "Kontor Buffer" temporary)
    begin
        if not IsKnown(Item."No.", VariantCode, LocationCode) then
            exit;
        Item.SetRange("Variant Filter", VariantCode);
        Item.SetRange("Location Filter", LocationCode);
        Item.SetRange("Drop Shipment Filter", false);
        Item.CalcFields(Inventory, "Qty. on Sales Order", "Qty. on Service Order", "Qty. on Component Lines", "Trans. Ord. Shipment (Qty.)");
        RowCount += 1;
        TempRow.Init();
        TempRow."Entry No." := RowCount;
        TempRow.ItemNo := Item."No.";
        TempRow.VariantCode := VariantCode;
        TempRow.LocationCode := LocationCode;
        TempRow.UnitCode := Item."Base Unit of Measure";
        TempRow.Inventory := Number(Item.Inventory);
        TempRow.OnSalesOrders := Number(Item."Qty. on Sales Order");
        TempRow.OtherDemand :=
          Number(Item."Qty. on Service Order" + Item."Qty. on Component Lines" + Item."Trans. Ord. Shipment (Qty.)");
        TempRow.Insert();
        AddExpected(Item."No.", VariantCode, LocationCode, TempExpected);
    end;

    // Something has been there, or is on its way in or out.
    local procedure IsKnown(ItemNo: Code[20]; VariantCode: Code[10]; LocationCode: Code[10]): Boolean
    var
        ItemLedgerEntry: Record "Item Ledger Entry";
        SalesLine: Record "Sales Line";
        PurchaseLine: Record "Purchase Line";
    begin
        ItemLedgerEntry.SetCurrentKey("Item No.", Open, "Variant Code", Positive, "Location Code", "Posting Date");
        ItemLedgerEntry.SetRange("Item No.", ItemNo);
        ItemLedgerEntry.SetRange("Variant Code", VariantCode);
        ItemLedgerEntry.SetRange("Location Code", LocationCode);
        if not ItemLedgerEntry.IsEmpty() then
            exit(true);
        SalesLine.SetCurrentKey("Document Type", Type, "No.", "Variant Code", "Drop Shipment", "Location Code", "Shipment Date");
        SalesLine.SetRange("Document Type", SalesLine."Document Type"::Order);
        SalesLine.SetRange(Type, SalesLine.Type::Item);
        SalesLine.SetRange("No.", ItemNo);
        SalesLine.SetRange("Variant Code", VariantCode);
        SalesLine.SetRange("Drop Shipment", false);
        SalesLine.SetRange("Location Code", LocationCode);
        if not SalesLine.IsEmpty() then
            exit(true);
        SetExpected(ItemNo, VariantCode, LocationCode, PurchaseLine);
        exit(not PurchaseLine.IsEmpty());
    end;

    local procedure SetExpected(ItemNo: Code[20]; VariantCode: Code[10]; LocationCode: Code[10]; var PurchaseLine: Record "Purchase Line")
    begin
        PurchaseLine.SetCurrentKey("Document Type", Type, "No.", "Variant Code", "Drop Shipment", "Location Code", "Expected Receipt Date");
        PurchaseLine.SetRange("Document Type", PurchaseLine."Document Type"::Order);
        PurchaseLine.SetRange(Type, PurchaseLine.Type::Item);
        PurchaseLine.SetRange("No.", ItemNo);
        PurchaseLine.SetRange("Variant Code", VariantCode);
        PurchaseLine.SetRange("Drop Shipment", false);
        PurchaseLine.SetRange("Location Code", LocationCode);
        PurchaseLine.SetFilter("Outstanding Qty. (Base)", '>0');
    end;

    // At most ten days, one row each. A line without a day is not expected yet.
    local procedure AddExpected(ItemNo: Code[20]; VariantCode: Code[10]; LocationCode: Code[10]; var TempExpected: Record "Kontor Buffer" temporary)
    var
        PurchaseLine: Record "Purchase Line";
        LastDay: Date;
        Sum: Decimal;
        Days: Integer;
    begin
        SetExpected(ItemNo, VariantCode, LocationCode, PurchaseLine);
        PurchaseLine.SetFilter("Expected Receipt Date", '<>%1', 0D);
        if not PurchaseLine.FindSet() then
            exit;
        LastDay := PurchaseLine."Expected Receipt Date";
        repeat
            if PurchaseLine."Expected Receipt Date" <> LastDay then begin
                AddDay(LastDay, Sum, TempExpected);
                Days += 1;
                Sum := 0;
                LastDay := PurchaseLine."Expected Receipt Date";
            end;
            Sum += PurchaseLine."Outstanding Qty. (Base)";
        until (PurchaseLine.Next() = 0) or (Days >= 10);
        if Days < 10 then
            AddDay(LastDay, Sum, TempExpected);
    end;

    local procedure AddDay(ExpectedDay: Date; Sum: Decimal; var TempExpected: Record "Kontor Buffer" temporary)
    begin
        ExpectedCount += 1;
        TempExpected.Init();
        TempExpected."Entry No." := ExpectedCount;
        TempExpected."Parent No." := RowCount;
        TempExpected.Day := Format(ExpectedDay, 0, 9);
        TempExpected.Quantity := Number(Sum);
        TempExpected.Insert();
    end;

    local procedure LastEntry(): Integer
    var
        ItemLedgerEntry: Record "Item Ledger Entry";
    begin
        if ItemLedgerEntry.FindLast() then
            exit(ItemLedgerEntry."Entry No.");
        exit(0);
    end;

    local procedure LastTouch(): Integer
    var
        KontorTouch: Record "Kontor Touch";
    begin
        if KontorTouch.FindLast() then
            exit(KontorTouch."Entry No.");
        exit(0);
    end;

    // A walk makes them superfluous; tokens live 25 days, so that 30 are enough.
    local procedure DeleteOldTouches()
    var
        KontorTouch: Record "Kontor Touch";
    begin
        KontorTouch.SetFilter("Touched At", '<%1', CreateDateTime(Today() - 30, 0T));
        KontorTouch.DeleteAll();
    end;

    local procedure IsTooOld(After: Text): Boolean
    begin
        exit(DT2Date(Stamp(After)) < Today() - 25);
    end;

    local procedure ChangeToken(Entry: Integer; Touch: Integer; NextEntry: Integer; NextTouch: Integer; At: DateTime; Where: Text): Text
    begin
        exit('D;' + Format(Entry, 0, 9) + ';' + Format(Touch, 0, 9) + ';' + Format(NextEntry, 0, 9) + ';' + Format(NextTouch, 0, 9) + ';' +
          Format(At, 0, 9) + ';' + Where);
    end;

    local procedure Stamp(After: Text): DateTime
    var
        At: DateTime;
    begin
        if not Evaluate(At, Part(After, 6), 9) then
            Error('[K002] The place to go on from cannot be read.');
        exit(At);
    end;

    local procedure Whole(After: Text; Index: Integer): Integer
    var
        Value: Integer;
    begin
        if not Evaluate(Value, Part(After, Index), 9) then
            Error('[K002] The place to go on from cannot be read.');
        exit(Value);
    end;

    local procedure Part(After: Text; Index: Integer): Text
    var
        Tail: Text;
        At: Integer;
    begin
        Tail := Rest(After, Index);
        At := StrPos(Tail, ';');
        if At = 0 then
            exit(Tail);
        exit(CopyStr(Tail, 1, At - 1));
    end;

    // What stands behind the ";" number Index - 1. Item numbers may hold one themselves, so the place comes last.
    local procedure Rest(After: Text; Index: Integer): Text
    var
        At: Integer;
    begin
        while Index > 1 do begin
            At := StrPos(After, ';');
            if At = 0 then
                Error('[K002] The place to go on from cannot be read.');
            After := CopyStr(After, At + 1);
            Index -= 1;
        end;
        exit(After);
    end;

    local procedure Place(ItemNo: Code[20]; VariantCode: Code[10]): Text
    begin
        exit(Format(StrLen(ItemNo), 0, 9) + ':' + ItemNo + VariantCode);
    end;

    local procedure ReadPlace(Where: Text; var ItemNo: Code[20]; var VariantCode: Code[10])
    var
        At: Integer;
        Length: Integer;
    begin
        ItemNo := '';
        VariantCode := '';
        if Where = '' then
            exit;
        At := StrPos(Where, ':');
        if At < 2 then
            Error('[K002] The place to go on from cannot be read.');
        if not Evaluate(Length, CopyStr(Where, 1, At - 1), 9) then
            Error('[K002] The place to go on from cannot be read.');
        if (Length < 1) or (Length > MaxStrLen(ItemNo)) or (StrLen(Where) > At + Length + MaxStrLen(VariantCode)) then
            Error('[K002] The place to go on from cannot be read.');
        ItemNo := CopyStr(Where, At + 1, Length);
        VariantCode := CopyStr(Where, At + 1 + Length);
    end;

    local procedure Number(Value: Decimal): Text[30]
    begin
        exit(Format(Round(Value, 0.00001), 0, 9));
    end;
}
