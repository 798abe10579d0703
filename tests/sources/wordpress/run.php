<?php
// Runs the PHP of standard input's "code", which finds its values in $in, and prints what it returns as JSON.
require __DIR__ . '/load.php';
require ABSPATH . 'wp-admin/includes/export.php';
$given = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
$in = $given['values'];
ob_start();
$result = eval($given['code']);
ob_end_clean();
echo json_encode($result, JSON_THROW_ON_ERROR);
