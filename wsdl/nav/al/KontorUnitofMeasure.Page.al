page 50146 "Kontor Unit of Measure"
{
    Caption = 'Kontor Unit of Measure';
    PageType = List;
    SourceTable = "Unit of Measure";
    Editable = false;
    InsertAllowed = false;
    ModifyAllowed = false;
    DeleteAllowed = false;

    layout
    {
        area(Content)
        {
            repeater(Rows)
            {
                field(Code; Rec.Code)
                {
                    ApplicationArea = All;
                }
                field(Description; Rec.Description)
                {
                    ApplicationArea = All;
                }
                field(International_Standard_Code; Rec."International Standard Code")
                {
                    ApplicationArea = All;
                }
            }
        }
    }
}
