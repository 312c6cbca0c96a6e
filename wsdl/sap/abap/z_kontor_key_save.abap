FUNCTION z_kontor_key_save.
*"----------------------------------------------------------------------
*"*"Update Function Module: start immediately (V1)
*"  IMPORTING
*"     VALUE(IS_KEY) TYPE  ZKONTOR_KEY
*"----------------------------------------------------------------------
* Runs in the update task, in the same database transaction as the order's
* own update modules: both are written or none. A key that exists already
* ends the transaction and the order with it, whatever the lock did.
  INSERT zkontor_key FROM is_key.
  IF sy-subrc <> 0.
    MESSAGE a398(00) WITH 'KONTOR' 'key exists:' is_key-kontor_key(32) is_key-vbeln.
  ENDIF.
ENDFUNCTION.
