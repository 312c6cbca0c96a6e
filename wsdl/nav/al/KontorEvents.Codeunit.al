// Notes which pairs of item and variant a sales or purchase order touches, for change runs of stock; keeps documents whose sums
// differ from the shop's from being released or posted until a person clears On Hold.
codeunit 50141 "Kontor Events"
{
    [EventSubscriber(ObjectType::Table, Database::"Sales Line", 'OnAfterInsertEvent', '', false, false)]
    local procedure SalesLineInserted(var Rec: Record "Sales Line"; RunTrigger: Boolean)
    begin
        TouchSales(Rec);
    end;

    [EventSubscriber(ObjectType::Table, Database::"Sales Line", 'OnAfterModifyEvent', '', false, false)]
    local procedure SalesLineModified(var Rec: Record "Sales Line"; var xRec: Record "Sales Line"; RunTrigger: Boolean)
    begin
        TouchSales(Rec);
        if (xRec."No." <> Rec."No.") or (xRec."Variant Code" <> Rec."Variant Code") then
            TouchSales(xRec);
    end;

    [EventSubscriber(ObjectType::Table, Database::"Sales Line", 'OnAfterDeleteEvent', '', false, false)]
    local procedure SalesLineDeleted(var Rec: Record "Sales Line"; RunTrigger: Boolean)
    begin
        TouchSales(Rec);
    end;

    [EventSubscriber(ObjectType::Table, Database::"Purchase Line", 'OnAfterInsertEvent', '', false, false)]
    local procedure PurchaseLineInserted(var Rec: Record "Purchase Line"; RunTrigger: Boolean)
    begin
        TouchPurchase(Rec);
    end;

    [EventSubscriber(ObjectType::Table, Database::"Purchase Line", 'OnAfterModifyEvent', '', false, false)]
    local procedure PurchaseLineModified(var Rec: Record "Purchase Line"; var xRec: Record "Purchase Line"; RunTrigger: Boolean)
    begin
        TouchPurchase(Rec);
        if (xRec."No." <> Rec."No.") or (xRec."Variant Code" <> Rec."Variant Code") then
            TouchPurchase(xRec);
    end;

    [EventSubscriber(ObjectType::Table, Database::"Purchase Line", 'OnAfterDeleteEvent', '', false, false)]
    local procedure PurchaseLineDeleted(var Rec: Record "Purchase Line"; RunTrigger: Boolean)
    begin
        TouchPurchase(Rec);
    end;

    [EventSubscriber(ObjectType::Codeunit, Codeunit::"Release Sales Document", 'OnBeforeReleaseSalesDoc', '', false, false)]
    local procedure RefuseRelease(var SalesHeader: Record "Sales Header")
    begin
        CheckHold(SalesHeader);
    end;

    [EventSubscriber(ObjectType::Codeunit, Codeunit::"Sales-Post", 'OnBeforePostSalesDoc', '', false, false)]
    local procedure RefusePosting(var SalesHeader: Record "Sales Header")
    begin
        CheckHold(SalesHeader);
    end;

    local procedure CheckHold(var SalesHeader: Record "Sales Header")
    var
        KontorOrderWriter: Codeunit "Kontor Order Writer";
    begin
        if (SalesHeader."Kontor Key" <> '') and (SalesHeader."On Hold" = KontorOrderWriter.HoldCode()) then
            Error('[K030] The sums of order %1 differ from what the shop sold it for. Correct the prices, then clear On Hold.', SalesHeader."No.");
    end;

    local procedure TouchSales(var SalesLine: Record "Sales Line")
    begin
        if SalesLine.IsTemporary() then
            exit;
        if (SalesLine."Document Type" = SalesLine."Document Type"::Order) and (SalesLine.Type = SalesLine.Type::Item) then
            Touch(SalesLine."No.", SalesLine."Variant Code");
    end;

    local procedure TouchPurchase(var PurchaseLine: Record "Purchase Line")
    begin
        if PurchaseLine.IsTemporary() then
            exit;
        if (PurchaseLine."Document Type" = PurchaseLine."Document Type"::Order) and (PurchaseLine.Type = PurchaseLine.Type::Item) then
            Touch(PurchaseLine."No.", PurchaseLine."Variant Code");
    end;

    // Rows are only ever added: two sessions that sell one item must not wait for each other.
    local procedure Touch(ItemNo: Code[20]; VariantCode: Code[10])
    var
        KontorTouch: Record "Kontor Touch";
    begin
        if ItemNo = '' then
            exit;
        KontorTouch.Init();
        KontorTouch."Entry No." := 0;
        KontorTouch."Item No." := ItemNo;
        KontorTouch."Variant Code" := VariantCode;
        KontorTouch."Touched At" := CurrentDateTime();
        KontorTouch.Insert();
    end;
}
