FUNCTION z_kontor_order_find.
*"----------------------------------------------------------------------
*"  IMPORTING
*"     VALUE(IV_KEY) TYPE  ZKONTOR_KEY_ID
*"  EXPORTING
*"     VALUE(EV_STATE) TYPE  CHAR10
*"     VALUE(EV_ORDER) TYPE  VBELN_VA
*"     VALUE(EV_BLOCKED) TYPE  CHAR1
*"     VALUE(ES_TOTAL) TYPE  ZKONTOR_S_TOTAL
*"     VALUE(ET_LINE) TYPE  ZKONTOR_T_LINE
*"     VALUE(RETURN) TYPE  ZKONTOR_T_RETURN
*"----------------------------------------------------------------------
* PENDING: a session, or the update it started, still holds the key.
* The lock is tried first and the table read after it: the other way
* round a create could commit between the two and look ABSENT.
  DATA: ls_key  TYPE zkontor_key,
        lv_text TYPE string.

  IF iv_key IS INITIAL.
    PERFORM message USING 'E' '001' `The key is missing` 0 'IV_KEY' space CHANGING return.
    RETURN.
  ENDIF.
  CALL FUNCTION 'ENQUEUE_EZKONTOR_KEY'
    EXPORTING
      mode_zkontor_key = 'E'
      mandt            = sy-mandt
      kontor_key       = iv_key
      _scope           = '1'
      _wait            = space
    EXCEPTIONS
      foreign_lock     = 1
      system_failure   = 2
      OTHERS           = 3.
  IF sy-subrc = 1.
    ev_state = 'PENDING'.
    RETURN.
  ELSEIF sy-subrc <> 0.
    PERFORM message USING 'E' '018' `The lock server did not answer` 0 space space CHANGING return.
    RETURN.
  ENDIF.
  SELECT SINGLE * FROM zkontor_key INTO ls_key WHERE kontor_key = iv_key.
  IF sy-subrc <> 0.
    ev_state = 'ABSENT'.
  ELSE.
    PERFORM document_read USING ls_key
      CHANGING ev_order ev_blocked es_total et_line return.
    IF ev_order IS INITIAL.
      lv_text = |Order { ls_key-vbeln } of this key cannot be read: archived or deleted|.
      PERFORM message USING 'E' '019' lv_text 0 'IV_KEY' space CHANGING return.
    ELSE.
      ev_state = 'FOUND'.
    ENDIF.
  ENDIF.
  CALL FUNCTION 'DEQUEUE_EZKONTOR_KEY'
    EXPORTING
      mode_zkontor_key = 'E'
      mandt            = sy-mandt
      kontor_key       = iv_key
      _scope           = '1'.
ENDFUNCTION.
