// Posting copies fields of one number from the order to the shipment: numbers and types must be the same in both.
tableextension 50142 "Kontor Sales Shipment Header" extends "Sales Shipment Header"
{
    fields
    {
        field(50140; "Kontor Key"; Code[40])
        {
            Caption = 'Kontor Key';
            DataClassification = CustomerContent;
            Editable = false;
        }
    }
}
