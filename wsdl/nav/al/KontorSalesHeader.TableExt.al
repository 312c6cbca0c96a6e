// Posting copies fields of one number from the order to the shipment: numbers and types must be the same in both.
tableextension 50140 "Kontor Sales Header" extends "Sales Header"
{
    fields
    {
        field(50140; "Kontor Key"; Code[40])
        {
            Caption = 'Kontor Key';
            DataClassification = CustomerContent;
            Editable = false;
        }
        field(50142; "Kontor E-Mail"; Text[80])
        {
            Caption = 'Kontor E-Mail';
            DataClassification = CustomerContent;
            Editable = false;
        }
        field(50143; "Kontor Phone"; Text[30])
        {
            Caption = 'Kontor Phone';
            DataClassification = CustomerContent;
            Editable = false;
        }
        field(50144; "Kontor Payment Ref."; Text[120])
        {
            Caption = 'Kontor Payment Ref.';
            DataClassification = CustomerContent;
            Editable = false;
        }
    }
}
