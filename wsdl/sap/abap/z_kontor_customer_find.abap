FUNCTION z_kontor_customer_find.
*"----------------------------------------------------------------------
*"  IMPORTING
*"     VALUE(IV_EMAIL) TYPE  AD_SMTPADR
*"     VALUE(IV_VAT_ID) TYPE  STCEG
*"     VALUE(IV_NAME) TYPE  ZKONTOR_NAME
*"     VALUE(IV_POSTL_CODE) TYPE  PSTLZ
*"     VALUE(IV_COUNTRY) TYPE  INTCA
*"  EXPORTING
*"     VALUE(ET_CUSTOMER) TYPE  ZKONTOR_T_CUSTOMER
*"     VALUE(RETURN) TYPE  ZKONTOR_T_RETURN
*"----------------------------------------------------------------------
* Exact matches only, by mail address, VAT number, or name with postal code
* and country; one-time accounts and customers flagged for deletion never.
* Who of several is meant is Kontor's decision.
  DATA: lt_kunnr TYPE STANDARD TABLE OF kunnr,
        lv_kunnr TYPE kunnr,
        lv_short TYPE adr6-smtp_srch,
        lv_land  TYPE land1,
        lv_name  TYPE kna1-mcod1.

  IF iv_email IS NOT INITIAL.
    lv_short = iv_email.                          " the index holds 20 characters in capitals
    TRANSLATE lv_short TO UPPER CASE.
    SELECT a~kunnr FROM kna1 AS a INNER JOIN adr6 AS b ON b~addrnumber = a~adrnr
      INTO TABLE lt_kunnr WHERE b~smtp_srch = lv_short.
    LOOP AT lt_kunnr INTO lv_kunnr.
      PERFORM customer_add USING lv_kunnr 'EMAIL' iv_email CHANGING et_customer.
    ENDLOOP.
  ENDIF.
  IF iv_vat_id IS NOT INITIAL.
    CLEAR lt_kunnr.
    SELECT kunnr FROM kna1 INTO TABLE lt_kunnr WHERE stceg = iv_vat_id.
    LOOP AT lt_kunnr INTO lv_kunnr.
      PERFORM customer_add USING lv_kunnr 'VAT_ID' iv_vat_id CHANGING et_customer.
    ENDLOOP.
  ENDIF.
  IF iv_name IS NOT INITIAL AND iv_postl_code IS NOT INITIAL AND iv_country IS NOT INITIAL.
    SELECT SINGLE land1 FROM t005 INTO lv_land WHERE intca = iv_country.
    lv_name = iv_name.
    TRANSLATE lv_name TO UPPER CASE.
    CLEAR lt_kunnr.
    SELECT kunnr FROM kna1 INTO TABLE lt_kunnr
      WHERE mcod1 = lv_name AND pstlz = iv_postl_code AND land1 = lv_land.
    LOOP AT lt_kunnr INTO lv_kunnr.
      PERFORM customer_add USING lv_kunnr 'ADDRESS' iv_name CHANGING et_customer.
    ENDLOOP.
  ENDIF.
ENDFUNCTION.
