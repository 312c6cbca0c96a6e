FUNCTION z_kontor_order_create.
*"----------------------------------------------------------------------
*"  IMPORTING
*"     VALUE(IV_KEY) TYPE  ZKONTOR_KEY_ID
*"     VALUE(IS_HEADER) TYPE  ZKONTOR_S_HEADER
*"     VALUE(IT_PARTNER) TYPE  ZKONTOR_T_PARTNER
*"     VALUE(IT_ITEM) TYPE  ZKONTOR_T_ITEM
*"  EXPORTING
*"     VALUE(EV_STATE) TYPE  CHAR10
*"     VALUE(EV_ORDER) TYPE  VBELN_VA
*"     VALUE(EV_BLOCKED) TYPE  CHAR1
*"     VALUE(ES_TOTAL) TYPE  ZKONTOR_S_TOTAL
*"     VALUE(ET_LINE) TYPE  ZKONTOR_T_LINE
*"     VALUE(RETURN) TYPE  ZKONTOR_T_RETURN
*"----------------------------------------------------------------------
* One order, exactly once per key, in one session:
*   lock the key - key known? - BAPI - key row into the same update - commit
*   and wait - read what was booked - lift the block if the sums agree.
* _SCOPE 3: this session and the update each own the lock. A caller that
* hangs up, or a work process that dies after the commit was triggered,
* leaves the key locked until the update has ended; only then may anyone
* look at the table. Scope 2 would free the key before the block is lifted.
  DATA: ls_key    TYPE zkontor_key,
        lv_vbeln  TYPE vbeln_va,
        lv_error  TYPE c LENGTH 1,
        ls_commit TYPE bapiret2,
        lv_text   TYPE string.

  lv_text = iv_key.                               " a string has no trailing blanks
  IF lv_text IS INITIAL OR lv_text CA ` `.
    PERFORM message USING 'E' '001' `The key is missing or holds blanks` 0 'IV_KEY' space CHANGING return.
    RETURN.
  ENDIF.
  CALL FUNCTION 'ENQUEUE_EZKONTOR_KEY'
    EXPORTING
      mode_zkontor_key = 'E'
      mandt            = sy-mandt
      kontor_key       = iv_key
      _scope           = '3'
      _wait            = space
    EXCEPTIONS
      foreign_lock     = 1
      system_failure   = 2
      OTHERS           = 3.
  IF sy-subrc = 1.
    ev_state = 'RUNNING'.
    lv_text = |Key { iv_key } is locked by another session|.
    PERFORM message USING 'W' '003' lv_text 0 'IV_KEY' space CHANGING return.
    RETURN.
  ELSEIF sy-subrc <> 0.
    PERFORM message USING 'E' '018' `The lock server did not answer` 0 space space CHANGING return.
    RETURN.
  ENDIF.

  SELECT SINGLE * FROM zkontor_key INTO ls_key WHERE kontor_key = iv_key.
  IF sy-subrc = 0.
    ev_state = 'EXISTS'.
  ELSE.
    PERFORM order_book USING iv_key is_header it_partner it_item
                       CHANGING lv_vbeln return.
    PERFORM has_error USING return CHANGING lv_error.
    IF lv_error = 'X' OR lv_vbeln IS INITIAL.
      CALL FUNCTION 'BAPI_TRANSACTION_ROLLBACK'.
      IF lv_error IS INITIAL.
        PERFORM message USING 'E' '020' `The BAPI gave neither number nor error` 0 space space CHANGING return.
      ENDIF.
      PERFORM key_unlock USING iv_key.
      RETURN.
    ENDIF.
    PERFORM key_row USING iv_key is_header lv_vbeln CHANGING ls_key.
    CALL FUNCTION 'Z_KONTOR_KEY_SAVE' IN UPDATE TASK
      EXPORTING
        is_key = ls_key.
    CALL FUNCTION 'BAPI_TRANSACTION_COMMIT'
      EXPORTING
        wait   = 'X'
      IMPORTING
        return = ls_commit.
    IF ls_commit-type = 'E' OR ls_commit-type = 'A'.
      APPEND ls_commit TO return.
      lv_text = |The update ended early; order { lv_vbeln } is not stored|.
      PERFORM message USING 'E' '021' lv_text 0 space space CHANGING return.
      PERFORM key_unlock USING iv_key.
      RETURN.
    ENDIF.
    ev_state = 'BOOKED'.
  ENDIF.

  PERFORM document_settle USING ls_key CHANGING return.
  PERFORM document_read USING ls_key
    CHANGING ev_order ev_blocked es_total et_line return.
  IF ev_order IS INITIAL.
    CLEAR ev_state.
    lv_text = |Order { ls_key-vbeln } of this key cannot be read: archived or deleted|.
    PERFORM message USING 'E' '019' lv_text 0 'IV_KEY' space CHANGING return.
  ENDIF.
  PERFORM key_unlock USING iv_key.
ENDFUNCTION.
