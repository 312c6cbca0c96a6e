// Pairs of item and variant whose open orders changed. Rows are added and, after 30 days, deleted; never modified.
table 50141 "Kontor Touch"
{
    Caption = 'Kontor Touch';
    DataClassification = SystemMetadata;

    fields
    {
        field(1; "Entry No."; Integer)
        {
            Caption = 'Entry No.';
            AutoIncrement = true;
        }
        field(2; "Item No."; Code[20])
        {
            Caption = 'Item No.';
        }
        field(3; "Variant Code"; Code[10])
        {
            Caption = 'Variant Code';
        }
        field(4; "Touched At"; DateTime)
        {
            Caption = 'Touched At';
        }
    }

    keys
    {
        key(PK; "Entry No.")
        {
            Clustered = true;
        }
    }
}
