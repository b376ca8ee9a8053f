<?php
// Measures: POSTs of one day (96 rows, 4.8 KB) by Guzzle, a Pool of CONCURRENCY (its default handler: curl multi).
// usage: php bench/peers/posts_guzzle.php URL COUNT CONCURRENCY
require '/usr/share/php/GuzzleHttp/autoload.php';

use GuzzleHttp\Client;
use GuzzleHttp\Pool;
use GuzzleHttp\Psr7\Request;

function cpu(): float
{
    $use = getrusage();
    $micro = $use['ru_utime.tv_usec'] + $use['ru_stime.tv_usec'];
    return $use['ru_utime.tv_sec'] + $use['ru_stime.tv_sec'] + $micro / 1e6;
}

function body(): string
{
    $rows = [];
    for ($i = 0; $i < 96; $i++) {
        $rows[] = ['datetime' => sprintf('2024-01-15 %02d:%02d', intdiv($i, 4), $i % 4 * 15), 'purchase' => 12.345];
    }
    return json_encode(['purchase' => $rows]);
}

function requests(string $url, int $count, string $body): Generator
{
    $headers = ['Content-Type' => 'application/json', 'Authorization' => 'Bearer token'];
    for ($i = 0; $i < $count; $i++) {
        yield new Request('POST', $url, $headers, $body);
    }
}

[, $url, $count, $concurrency] = $argv;
$body = body();
$cpu = cpu();
$wall = microtime(true);
$good = 0;
$pool = new Pool(new Client(['http_errors' => false]), requests($url, (int) $count, $body), [
    'concurrency' => (int) $concurrency,
    'fulfilled' => function ($answer) use (&$good) {
        $good += $answer->getStatusCode() === 201 && strlen((string) $answer->getBody()) > 0;
    },
]);
$pool->promise()->wait();

if ($good !== (int) $count) {
    fwrite(STDERR, "posts_guzzle.php: the number of good answers is $good, not $count\n");
    exit(1);
}
$figures = [cpu() - $cpu, microtime(true) - $wall, $good, $good * strlen($body)];
vprintf('{"cpu":%.6f,"wall":%.6f,"count":%d,"bytes":%d}' . "\n", $figures);
