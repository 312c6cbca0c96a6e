// Posting copies fields of one number from the order to the shipment: numbers and types must be the same in both.
tableextension 50143 "Kontor Sales Shipment Line" extends "Sales Shipment Line"
{
    fields
    {
        field(50141; "Kontor Line"; Text[60])
        {
            Caption = 'Kontor Line';
            DataClassification = CustomerContent;
            Editable = false;
        }
    }
}
