page 50147 "Kontor Item Category"
{
    Caption = 'Kontor Item Category';
    PageType = List;
    SourceTable = "Item Category";
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
                field(Parent_Category; Rec."Parent Category")
                {
                    ApplicationArea = All;
                }
                field(Presentation_Order; Rec."Presentation Order")
                {
                    ApplicationArea = All;
                }
            }
        }
    }
}
