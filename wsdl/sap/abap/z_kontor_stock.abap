FUNCTION z_kontor_stock.
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
*"     VALUE(ET_STOCK) TYPE  ZKONTOR_T_STOCK
*"     VALUE(ET_EXPECTED) TYPE  ZKONTOR_T_EXPECTED
*"     VALUE(ET_DELETED) TYPE  ZKONTOR_T_STOCK_DEL
*"     VALUE(RETURN) TYPE  ZKONTOR_T_RETURN
*"----------------------------------------------------------------------
* Stock of the plants in setting PLANT. IV_MAX counts materials: all plants
* of one stand on the same page.
  DATA: ls_token TYPE ty_token,
        ls_area  TYPE ty_area,
        lt_matnr TYPE ty_matnr_tab,
        lv_matnr TYPE matnr,
        lv_last  TYPE matnr,
        lt_plant TYPE ty_plant_tab,
        lt_conf  TYPE STANDARD TABLE OF zkontor_conf,
        ls_conf  TYPE zkontor_conf,
        lv_plant TYPE werks_d,
        lv_max   TYPE i,
        lv_error TYPE c LENGTH 1.

  PERFORM token_read USING iv_token CHANGING ls_token return.
  PERFORM area_read CHANGING ls_area return.
  PERFORM has_error USING return CHANGING lv_error.
  IF lv_error = 'X'.
    RETURN.
  ENDIF.
  PERFORM page_size USING iv_max CHANGING lv_max.
  SELECT * FROM zkontor_conf INTO TABLE lt_conf WHERE name = 'PLANT' ORDER BY PRIMARY KEY.
  LOOP AT lt_conf INTO ls_conf.
    lv_plant = ls_conf-value.
    APPEND lv_plant TO lt_plant.
  ENDLOOP.
  PERFORM stock_keys USING ls_token ls_area lv_max CHANGING lt_matnr ev_more lv_last.
  LOOP AT lt_matnr INTO lv_matnr.
    PERFORM stock_read USING lv_matnr lt_plant CHANGING et_stock et_expected et_deleted.
  ENDLOOP.
  IF ls_token-snapshot = 'X'.
    CLEAR et_deleted.                             " absence says it in a snapshot
  ENDIF.
  ev_snapshot = ls_token-snapshot.
  PERFORM stock_total USING ls_token ls_area lt_plant CHANGING ev_total.
  PERFORM begun_text USING ls_token CHANGING ev_begun_at.
  PERFORM token_write USING ls_token ev_more lv_last CHANGING ev_token.
ENDFUNCTION.
