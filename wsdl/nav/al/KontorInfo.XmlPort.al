xmlport 50140 "Kontor Info"
{
    Caption = 'Kontor Info';
    Encoding = UTF8;
    Format = Xml;
    FormatEvaluate = Xml;
    UseDefaultNamespace = true;
    DefaultNamespace = 'urn:microsoft-dynamics-nav/xmlports/x50140';

    schema
    {
        textelement(KontorInfo)
        {
            MaxOccurs = Once;
            textelement(Contract)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(DatabaseName)
            {
                XmlName = 'Database';
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(CompanyText)
            {
                XmlName = 'Company';
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(ServerInstance)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(NavVersion)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(KeyTable)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(MaxCallS)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(DateSample)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
            textelement(LcyCode)
            {
                MinOccurs = Zero;
                MaxOccurs = Once;
            }
        }
    }

    procedure Fill(NewContract: Text; NewDatabase: Text; NewCompany: Text; NewServerInstance: Text; NewNavVersion: Text; NewKeyTable: Boolean; NewMaxCallS: Integer; NewDateSample: Text; NewLcyCode: Text)
    begin
        Contract := NewContract;
        DatabaseName := NewDatabase;
        CompanyText := NewCompany;
        ServerInstance := NewServerInstance;
        NavVersion := NewNavVersion;
        KeyTable := Format(NewKeyTable, 0, 9);
        MaxCallS := Format(NewMaxCallS, 0, 9);
        DateSample := NewDateSample;
        LcyCode := NewLcyCode;
    end;
}
