FUNCTION z_kontor_document_read.
*"----------------------------------------------------------------------
*"  IMPORTING
*"     VALUE(IV_REFERENCE) TYPE  ZKONTOR_REFERENCE
*"     VALUE(IV_OFFSET) TYPE  I
*"     VALUE(IV_LENGTH) TYPE  I
*"  EXPORTING
*"     VALUE(EV_DATA) TYPE  XSTRING
*"     VALUE(EV_TOTAL) TYPE  I
*"     VALUE(EV_END) TYPE  CHAR1
*"     VALUE(EV_STAMP) TYPE  CHAR40
*"     VALUE(RETURN) TYPE  ZKONTOR_T_RETURN
*"----------------------------------------------------------------------
* A piece of the original that Z_KONTOR_DOCUMENTS named. EV_STAMP is the hash
* of all of it, so that a change between two pieces is noticed.
  DATA: lv_content TYPE xstring,
        lv_error   TYPE c LENGTH 1,
        lv_length  TYPE i,
        lv_hash    TYPE hash160.

  PERFORM original_read USING iv_reference CHANGING lv_content return.
  PERFORM has_error USING return CHANGING lv_error.
  IF lv_error = 'X'.
    RETURN.
  ENDIF.
  CALL FUNCTION 'CALCULATE_HASH_FOR_RAW'
    EXPORTING
      alg            = 'SHA1'
      data           = lv_content
    IMPORTING
      hash           = lv_hash
    EXCEPTIONS
      OTHERS         = 1.
  IF sy-subrc <> 0.
    PERFORM message USING 'E' '029' `The content cannot be hashed` 0 'IV_REFERENCE' space CHANGING return.
    RETURN.
  ENDIF.
  ev_stamp = lv_hash.
  ev_total = xstrlen( lv_content ).
  lv_length = iv_length.
  IF lv_length <= 0 OR lv_length > gc_piece_max.
    lv_length = gc_piece_max.
  ENDIF.
  IF iv_offset < 0 OR iv_offset > ev_total.
    PERFORM message USING 'E' '029' `The position is outside of the content` 0 'IV_OFFSET' space CHANGING return.
    RETURN.
  ENDIF.
  IF lv_length >= ev_total - iv_offset.
    lv_length = ev_total - iv_offset.
    ev_end = 'X'.
  ENDIF.
  IF lv_length > 0.
    ev_data = lv_content+iv_offset(lv_length).
  ENDIF.
ENDFUNCTION.
