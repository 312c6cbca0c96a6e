page 50144 "Kontor Item Attribute"
{
    Caption = 'Kontor Item Attribute';
    PageType = List;
    SourceTable = "Item Attribute Value Mapping";
    SourceTableView = where("Table ID" = const(27));
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
                field(Table_ID; Rec."Table ID")
                {
                    ApplicationArea = All;
                }
                field(Item_No; Rec."No.")
                {
                    ApplicationArea = All;
                }
                field(Attribute_ID; Rec."Item Attribute ID")
                {
                    ApplicationArea = All;
                }
                field(Attribute_Name; AttributeName)
                {
                    ApplicationArea = All;
                }
                field(Attribute_Type; AttributeType)
                {
                    ApplicationArea = All;
                }
                field(Value; AttributeValue)
                {
                    ApplicationArea = All;
                }
                field(Unit_of_Measure; AttributeUnit)
                {
                    ApplicationArea = All;
                }
            }
        }
    }

    trigger OnAfterGetRecord()
    begin
        GetAttribute();
    end;

    var
        AttributeName: Text;
        AttributeValue: Text;
        AttributeUnit: Text;
        AttributeType: Option Option,Text,Integer,Decimal;

    local procedure GetAttribute()
    var
        ItemAttribute: Record "Item Attribute";
        ItemAttributeValue: Record "Item Attribute Value";
    begin
        Clear(ItemAttribute);
        Clear(ItemAttributeValue);
        if ItemAttribute.Get(Rec."Item Attribute ID") then;
        if ItemAttributeValue.Get(Rec."Item Attribute ID", Rec."Item Attribute Value ID") then;
        AttributeName := ItemAttribute.Name;
        AttributeType := ItemAttribute.Type;
        AttributeUnit := ItemAttribute."Unit of Measure";
        AttributeValue := ItemAttributeValue.Value;
        // Decimals are kept as text in the language of whoever entered them: the number is the same for all.
        if ItemAttribute.Type in [ItemAttribute.Type::Integer, ItemAttribute.Type::Decimal] then
            AttributeValue := Format(ItemAttributeValue."Numeric Value", 0, 9);
    end;
}
