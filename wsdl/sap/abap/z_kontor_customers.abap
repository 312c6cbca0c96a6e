FUNCTION z_kontor_customers.
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
*"     VALUE(ET_CUSTOMER) TYPE  ZKONTOR_T_ACCOUNT
*"     VALUE(ET_DELETED) TYPE  ZKONTOR_T_ACCOUNT_DEL
*"     VALUE(RETURN) TYPE  ZKONTOR_T_RETURN
*"----------------------------------------------------------------------
* Customers of the sales area in ZKONTOR_CONF. Accounts for one-time
* customers are never told: what stands on them is nobody's.
  DATA: ls_token TYPE ty_token,
        ls_area  TYPE ty_area,
        lt_kunnr TYPE ty_kunnr_tab,
        lv_kunnr TYPE kunnr,
        lv_last  TYPE kunnr,
        lv_max   TYPE i,
        lv_error TYPE c LENGTH 1.

  PERFORM token_read USING iv_token CHANGING ls_token return.
  PERFORM area_read CHANGING ls_area return.
  PERFORM has_error USING return CHANGING lv_error.
  IF lv_error = 'X'.
    RETURN.
  ENDIF.
  PERFORM page_size USING iv_max CHANGING lv_max.
  PERFORM account_keys USING ls_token ls_area lv_max CHANGING lt_kunnr ev_more lv_last.
  LOOP AT lt_kunnr INTO lv_kunnr.
    PERFORM account_read USING lv_kunnr ls_area ls_token-snapshot
      CHANGING et_customer et_deleted.
  ENDLOOP.
  ev_snapshot = ls_token-snapshot.
  PERFORM account_total USING ls_token ls_area CHANGING ev_total.
  PERFORM begun_text USING ls_token CHANGING ev_begun_at.
  PERFORM token_write USING ls_token ev_more lv_last CHANGING ev_token.
ENDFUNCTION.
