FUNCTION z_kontor_prices.
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
*"     VALUE(ET_PRICE) TYPE  ZKONTOR_T_PRICE
*"     VALUE(ET_DELETED) TYPE  ZKONTOR_T_PRICE_DEL
*"     VALUE(RETURN) TYPE  ZKONTOR_T_RETURN
*"----------------------------------------------------------------------
* Condition records of the types in setting PRICE_COND, from tables A004
* (material), A005 (customer), A006 (price list, currency) and A032 (price
* group). One row per step of a quantity scale. Records that ended are left out of a snapshot.
  DATA: ls_token TYPE ty_token,
        ls_area  TYPE ty_area,
        lt_key   TYPE ty_price_keys,
        ls_key   TYPE ty_price_key,
        lv_last  TYPE knumh,
        lv_max   TYPE i,
        lv_error TYPE c LENGTH 1.

  PERFORM token_read USING iv_token CHANGING ls_token return.
  PERFORM area_read CHANGING ls_area return.
  PERFORM has_error USING return CHANGING lv_error.
  IF lv_error = 'X'.
    RETURN.
  ENDIF.
  PERFORM page_size USING iv_max CHANGING lv_max.
  PERFORM price_keys USING ls_token ls_area lv_max CHANGING lt_key ev_more lv_last.
  LOOP AT lt_key INTO ls_key.
    PERFORM price_read USING ls_key ls_area ls_token-snapshot
      CHANGING et_price et_deleted return.
  ENDLOOP.
  ev_snapshot = ls_token-snapshot.
  PERFORM price_total USING ls_token ls_area ev_more CHANGING ev_total.
  PERFORM begun_text USING ls_token CHANGING ev_begun_at.
  PERFORM token_write USING ls_token ev_more lv_last CHANGING ev_token.
ENDFUNCTION.
