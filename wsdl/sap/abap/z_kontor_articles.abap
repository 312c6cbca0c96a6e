FUNCTION z_kontor_articles.
*"----------------------------------------------------------------------
*"  IMPORTING
*"     VALUE(IV_TOKEN) TYPE  ZKONTOR_TOKEN
*"     VALUE(IV_MAX) TYPE  I
*"  EXPORTING
*"     VALUE(EV_TOKEN) TYPE  ZKONTOR_TOKEN
*"     VALUE(EV_MORE) TYPE  CHAR1
*"     VALUE(EV_SNAPSHOT) TYPE  CHAR1
*"     VALUE(EV_TOTAL) TYPE  I
*"     VALUE(EV_PRODUCTS) TYPE  I
*"     VALUE(EV_BEGUN_AT) TYPE  ZKONTOR_STAMP
*"     VALUE(ET_ARTICLE) TYPE  ZKONTOR_T_ARTICLE
*"     VALUE(ET_TEXT) TYPE  ZKONTOR_T_TEXT
*"     VALUE(ET_GTIN) TYPE  ZKONTOR_T_GTIN
*"     VALUE(ET_CHARACTERISTIC) TYPE  ZKONTOR_T_CHARACTERISTIC
*"     VALUE(ET_AXIS) TYPE  ZKONTOR_T_AXIS
*"     VALUE(ET_MEDIA) TYPE  ZKONTOR_T_MEDIA
*"     VALUE(ET_ARTICLE_CATEGORY) TYPE  ZKONTOR_T_ARTICLE_CATEGORY
*"     VALUE(ET_UNIT) TYPE  ZKONTOR_T_UNIT
*"     VALUE(ET_DELETED) TYPE  ZKONTOR_T_ARTICLE_DEL
*"     VALUE(RETURN) TYPE  ZKONTOR_T_RETURN
*"----------------------------------------------------------------------
* Materials of the sales area in ZKONTOR_CONF. A material without a row for
* that area, or flagged for deletion there or as a whole, counts as deleted.
  DATA: ls_token  TYPE ty_token,
        ls_area   TYPE ty_area,
        lt_matnr  TYPE ty_matnr_tab,
        lv_matnr  TYPE matnr,
        lv_last   TYPE matnr,
        lv_max    TYPE i,
        lv_error  TYPE c LENGTH 1,
        lv_living TYPE c LENGTH 1,
        ls_gone   TYPE zkontor_s_article_del.

  PERFORM token_read USING iv_token CHANGING ls_token return.
  PERFORM area_read CHANGING ls_area return.
  PERFORM has_error USING return CHANGING lv_error.
  IF lv_error = 'X'.
    RETURN.
  ENDIF.
  PERFORM page_size USING iv_max CHANGING lv_max.
  PERFORM article_keys USING ls_token ls_area lv_max CHANGING lt_matnr ev_more.
  LOOP AT lt_matnr INTO lv_matnr.
    lv_last = lv_matnr.
    PERFORM article_read USING lv_matnr ls_area
      CHANGING lv_living et_article et_text et_gtin et_characteristic.
    IF lv_living = 'X'.
      PERFORM article_tables USING lv_matnr ls_area
        CHANGING et_axis et_media et_article_category et_unit.
    ENDIF.
    IF lv_living IS INITIAL AND ls_token-snapshot IS INITIAL.
      PERFORM matnr_out USING lv_matnr CHANGING ls_gone-matnr.
      PERFORM now_text CHANGING ls_gone-changed_at.
      APPEND ls_gone TO et_deleted.
    ENDIF.
  ENDLOOP.
  ev_snapshot = ls_token-snapshot.
  PERFORM article_total USING ls_token ls_area CHANGING ev_total ev_products.
  PERFORM begun_text USING ls_token CHANGING ev_begun_at.
  PERFORM token_write USING ls_token ev_more lv_last CHANGING ev_token.
ENDFUNCTION.
