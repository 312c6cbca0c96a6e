// What the service user needs beside the standard permission sets for reading items and customers and writing sales orders.
permissionset 50140 KONTOR
{
    Assignable = true;
    Caption = 'Kontor service';
    Permissions =
        tabledata "Kontor Order Key" = RIM,
        tabledata "Kontor Touch" = RID,
        xmlport "Kontor Booking" = X,
        table "Kontor Buffer" = X,
        page "Kontor Customer" = X,
        xmlport "Kontor Customers" = X,
        codeunit "Kontor Events" = X,
        xmlport "Kontor Info" = X,
        page "Kontor Item" = X,
        page "Kontor Item Attribute" = X,
        page "Kontor Item Category" = X,
        page "Kontor Item Ledger" = X,
        page "Kontor Item Reference" = X,
        page "Kontor Item Translation" = X,
        page "Kontor Item Unit" = X,
        page "Kontor Item Variant" = X,
        xmlport "Kontor Order" = X,
        table "Kontor Order Key" = X,
        codeunit "Kontor Order Writer" = X,
        codeunit "Kontor Price Reader" = X,
        xmlport "Kontor Prices" = X,
        page "Kontor Sales Order" = X,
        codeunit "Kontor Service" = X,
        page "Kontor Shipment" = X,
        page "Kontor Shipment Line" = X,
        xmlport "Kontor Stock" = X,
        codeunit "Kontor Stock Reader" = X,
        table "Kontor Touch" = X,
        page "Kontor Tracking Code" = X,
        page "Kontor Unit of Measure" = X;
}
