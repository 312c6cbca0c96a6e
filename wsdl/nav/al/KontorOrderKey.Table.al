// One row per key of an order that Kontor had created. The primary key makes a second order of one key impossible.
table 50140 "Kontor Order Key"
{
    Caption = 'Kontor Order Key';
    DataClassification = CustomerContent;

    fields
    {
        field(1; "Our Key"; Code[40])
        {
            Caption = 'Our Key';
        }
        field(2; "Order No."; Code[20])
        {
            Caption = 'Order No.';
        }
        field(3; "Created At"; DateTime)
        {
            Caption = 'Created At';
        }
        field(4; "Currency Code"; Code[10])
        {
            Caption = 'Currency Code';
        }
        field(5; Net; Decimal)
        {
            Caption = 'Net';
        }
        field(6; Gross; Decimal)
        {
            Caption = 'Gross';
        }
    }

    keys
    {
        key(PK; "Our Key")
        {
            Clustered = true;
        }
    }
}
