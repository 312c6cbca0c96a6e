FUNCTION z_kontor_categories.
*"----------------------------------------------------------------------
*"  IMPORTING
*"     VALUE(IV_TOKEN) TYPE  ZKONTOR_TOKEN
*"     VALUE(IV_MAX) TYPE  I
*"  EXPORTING
*"     VALUE(EV_TOKEN) TYPE  ZKONTOR_TOKEN
*"     VALUE(EV_MORE) TYPE  CHAR1
*"     VALUE(EV_SNAPSHOT) TYPE  CHAR1
*"     VALUE(EV_TOTAL) TYPE  I
*"     VALUE(EV_BEGUN_AT) TYPE  ZKONTOR_STAMP
*"     VALUE(ET_CATEGORY) TYPE  ZKONTOR_T_CATEGORY
*"     VALUE(ET_CATEGORY_TEXT) TYPE  ZKONTOR_T_CATEGORY_TEXT
*"     VALUE(RETURN) TYPE  ZKONTOR_T_RETURN
*"----------------------------------------------------------------------
* The product hierarchy, always as a snapshot: customizing leaves no change
* documents. The token behind the last page is empty.
  DATA: ls_token TYPE ty_token,
        lv_last  TYPE t179-prodh,
        lv_max   TYPE i,
        lv_error TYPE c LENGTH 1.

  PERFORM token_read USING iv_token CHANGING ls_token return.
  PERFORM has_error USING return CHANGING lv_error.
  IF lv_error = 'X'.
    RETURN.
  ENDIF.
  IF ls_token-snapshot IS INITIAL.                " no change runs: begin anew
    CLEAR: ls_token-since, ls_token-key.
    ls_token-snapshot = 'X'.
    GET TIME STAMP FIELD ls_token-start.
  ENDIF.
  PERFORM page_size USING iv_max CHANGING lv_max.
  PERFORM category_page USING ls_token lv_max
    CHANGING et_category et_category_text ev_total ev_more lv_last.
  ev_snapshot = 'X'.
  PERFORM begun_text USING ls_token CHANGING ev_begun_at.
  IF ev_more = 'X'.
    PERFORM token_write USING ls_token ev_more lv_last CHANGING ev_token.
  ENDIF.
ENDFUNCTION.
