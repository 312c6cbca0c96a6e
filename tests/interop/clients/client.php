<?php
// A SOAP client by PHP's own SoapClient: reads one JSON job from standard input, prints one JSON
// list. What the job looks like stands in ../soap_clients.py.
function plain($value)
{
    if (is_object($value)) {
        $value = get_object_vars($value);
    }
    return is_array($value) ? array_map('plain', $value) : $value;
}

// {"base64": …} stands for octets, which JSON cannot carry.
function octets($value)
{
    if (is_array($value) && array_keys($value) === ['base64']) {
        return base64_decode($value['base64']);
    }
    return is_array($value) ? array_map('octets', $value) : $value;
}

$job = json_decode(stream_get_contents(STDIN), true, 64, JSON_THROW_ON_ERROR);
$tls = ['verify_peer' => true, 'verify_peer_name' => true];
if (isset($job['ca'])) {
    $tls['cafile'] = $job['ca'];
}
if (isset($job['cert'])) {
    $tls['local_cert'] = $job['cert'];
    $tls['local_pk'] = $job['key'];
}
$options = [
    'soap_version' => $job['soap'] === '1.2' ? SOAP_1_2 : SOAP_1_1,
    'exceptions' => true,
    'trace' => true,
    'cache_wsdl' => WSDL_CACHE_NONE,
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    'stream_context' => stream_context_create(['ssl' => $tls]),
];
if (isset($job['user'])) {
    $options['login'] = $job['user'];
    $options['password'] = $job['password'];
}
if (isset($job['wss'])) {
    require __DIR__ . '/client_wss.php';
    $client = new SecuredClient($job['wsdl'], $options, $job['wss']);
} else {
    $client = new SoapClient($job['wsdl'], $options);
}
$answers = [];
foreach ($job['calls'] as [$operation, $request]) {
    try {
        $answers[] = ['answer' => plain($client->__soapCall($operation, [octets($request)]))];
    } catch (SoapFault $fault) {
        preg_match('/^HTTP\/\S+ (\d+)/', (string) $client->__getLastResponseHeaders(), $status);
        $answers[] = ['fault' => [
            'code' => $fault->faultcode,
            'text' => $fault->faultstring,
            'detail' => isset($fault->detail) ? plain($fault->detail) : null,
            'status' => (int) ($status[1] ?? 0),
        ]];
    }
    if (isset($job['wss'])) {
        $answers[count($answers) - 1] += [
            'sent' => $client->sent,
            'got' => $client->__getLastResponse(),
        ];
    }
}
echo json_encode($answers, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE);
