<?php
// A SoapClient that puts a Security header into what it sends, for client.php. Job:
//     {"kind": "text" | "digest" | "signature", "user", "password", "key", "certificate"}
// Without the extension dom nothing canonicalises: the Body is brought into its canonical form as
// text, which SoapClient's own way of writing allows.
const OASIS = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-';
const WSSE = OASIS . 'wssecurity-secext-1.0.xsd';
const WSU = OASIS . 'wssecurity-utility-1.0.xsd';
const X509 = OASIS . 'x509-token-profile-1.0#X509v3';
const BASE64 = OASIS . 'soap-message-security-1.0#Base64Binary';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';

class SecuredClient extends SoapClient
{
    public string $sent = '';

    public function __construct(string $wsdl, array $options, private array $wss)
    {
        parent::__construct($wsdl, $options);
    }

    public function __doRequest(
        string $request, string $location, string $action, int $version, bool $oneWay = false
    ): ?string {
        $this->sent = $this->wss['kind'] === 'signature' ? $this->signed($request) : $request;
        return parent::__doRequest($this->sent, $location, $action, $version, $oneWay);
    }

    // A user goes the way that SoapClient offers: a header of its own making, once for each call.
    public function __soapCall(
        string $name, array $args, ?array $options = null, $headers = null, &$outputHeaders = null
    ): mixed {
        if ($this->wss['kind'] !== 'signature') {
            $xml = '<wsse:Security xmlns:wsse="' . WSSE . '" xmlns:wsu="' . WSU . '">' .
                $this->userToken() . '</wsse:Security>';
            $headers = [new SoapHeader(WSSE, 'Security', new SoapVar($xml, XSD_ANYXML))];
        }
        return parent::__soapCall($name, $args, $options, $headers, $outputHeaders);
    }

    private static function prefixOf(string $request): string
    {
        preg_match('/<([\w-]+):Envelope /', $request, $found);
        return $found[1];
    }

    private function security(string $request, string $content): string
    {
        $s = self::prefixOf($request);
        return '<wsse:Security xmlns:wsse="' . WSSE . '" xmlns:wsu="' . WSU .
            "\" $s:mustUnderstand=\"1\">$content</wsse:Security>";
    }

    private function withHeader(string $request, string $header): string
    {
        $s = self::prefixOf($request);
        return preg_replace("/<$s:Body/", "<$s:Header>$header</$s:Header>$0", $request, 1);
    }

    private function userToken(): string
    {
        $nonce = random_bytes(16);
        $created = gmdate('Y-m-d\TH:i:s\Z');
        $isDigest = $this->wss['kind'] === 'digest';
        $password = $isDigest
            ? base64_encode(sha1($nonce . $created . $this->wss['password'], true))
            : htmlspecialchars($this->wss['password'], ENT_XML1);
        $type = OASIS . 'username-token-profile-1.0#' .
            ($isDigest ? 'PasswordDigest' : 'PasswordText');
        return '<wsse:UsernameToken><wsse:Username>' . $this->wss['user'] .
            "</wsse:Username><wsse:Password Type=\"$type\">$password</wsse:Password>" .
            '<wsse:Nonce EncodingType="' . BASE64 . '">' . base64_encode($nonce) .
            "</wsse:Nonce><wsu:Created>$created</wsu:Created></wsse:UsernameToken>";
    }

    // --- signatures ---

    private function signed(string $request): string
    {
        $s = self::prefixOf($request);
        $request = preg_replace("/<$s:Body>/", "<$s:Body xmlns:wsu=\"" . WSU .
            '" wsu:Id="body-1">', $request, 1);
        $time = '<wsu:Timestamp xmlns:wsu="' . WSU . '" wsu:Id="time-1"><wsu:Created>' .
            gmdate('Y-m-d\TH:i:s\Z') . '</wsu:Created><wsu:Expires>' .
            gmdate('Y-m-d\TH:i:s\Z', time() + 300) . '</wsu:Expires></wsu:Timestamp>';
        $info = '<SignedInfo xmlns="' . DS . '"><CanonicalizationMethod Algorithm="' . EXCLUSIVE .
            '"></CanonicalizationMethod><SignatureMethod Algorithm="' .
            'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></SignatureMethod>' .
            self::reference('body-1', self::canonicalBody($request, $s)) .
            self::reference('time-1', $time) . '</SignedInfo>';
        $key = openssl_pkey_get_private('file://' . $this->wss['key']);
        if (!openssl_sign($info, $value, $key, OPENSSL_ALGO_SHA256)) {
            throw new RuntimeException(openssl_error_string());
        }
        openssl_x509_export('file://' . $this->wss['certificate'], $pem);
        $token = preg_replace('/-----[^-]*-----|\s/', '', $pem);
        return $this->withHeader($request, $this->security($request,
            '<wsse:BinarySecurityToken wsu:Id="token-1" EncodingType="' . BASE64 .
            '" ValueType="' . X509 . "\">$token</wsse:BinarySecurityToken>$time" .
            '<Signature xmlns="' . DS . "\">$info<SignatureValue>" .
            chunk_split(base64_encode($value), 76, "\n") . '</SignatureValue><KeyInfo>' .
            '<wsse:SecurityTokenReference><wsse:Reference URI="#token-1" ValueType="' . X509 .
            '"/></wsse:SecurityTokenReference></KeyInfo></Signature>'));
    }

    private static function reference(string $id, string $octets): string
    {
        return "<Reference URI=\"#$id\"><Transforms><Transform Algorithm=\"" . EXCLUSIVE .
            '"></Transform></Transforms><DigestMethod Algorithm="' .
            'http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod><DigestValue>' .
            base64_encode(hash('sha256', $octets, true)) . '</DigestValue></Reference>';
    }

    // The contract's elements have no attributes: namespaces where they are used first, empty
    // elements as two tags, carriage returns in hexadecimal.
    private static function canonicalBody(string $request, string $s): string
    {
        preg_match("#<$s:Body[^>]*>(.*)</$s:Body>#s", $request, $body);
        preg_match_all('/ xmlns:([\w-]+)="([^"]*)"/', strstr($request, "><$s:", true), $found,
            PREG_SET_ORDER);
        $uri = array_column($found, 2, 1);
        if (preg_match('/<[^>]*\w="/', $body[1])) {
            throw new RuntimeException('there is an attribute in the Body');
        }
        $inner = preg_replace('#<([^\s/>]+)/>#', '<$1></$1>', $body[1]);
        $inner = str_replace('&#13;', '&#xD;', $inner);
        preg_match('/^<([\w-]+):\w+/', $inner, $first);
        $inner = preg_replace('/^<[\w:-]+/', "$0 xmlns:$first[1]=\"{$uri[$first[1]]}\"", $inner, 1);
        return "<$s:Body xmlns:$s=\"$uri[$s]\" xmlns:wsu=\"" . WSU . '" wsu:Id="body-1">' .
            "$inner</$s:Body>";
    }
}
