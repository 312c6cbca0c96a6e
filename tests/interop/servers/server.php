<?php
// PHP's SoapServer as a server of our contract: parses each message, answers as Kontor would,
// stores nothing. For benches: php -S 127.0.0.1:PORT server.php, with the contract in KONTOR_WSDL.
class Service
{
    public function PushStock($request)
    {
        $results = [];
        foreach ($request->stock as $i => $r) {
            $results[] = [
                'position' => $i + 1,
                'key' => "scope|{$r->sku}|{$r->warehouse}",
                'status' => is_numeric($r->onHand) ? 'accepted' : 'refused',
            ];
        }
        return ['accepted' => count($results), 'unchanged' => 0, 'stale' => 0, 'refused' => 0,
            'repeated' => false, 'ignoredFields' => 0, 'result' => $results];
    }
}

$server = new SoapServer(getenv('KONTOR_WSDL'), [
    'cache_wsdl' => WSDL_CACHE_BOTH,
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
]);
$server->setClass('Service');
$server->handle();
