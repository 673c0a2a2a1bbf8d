import{a as m}from"./chunk.NYY256SS.js";import{a as o}from"./chunk.ZNSYTCLQ.js";import{a as r}from"./chunk.SVBVU7VO.js";import"./chunk.ATTIVOQD.js";import"./chunk.SO7B44UJ.js";r("zh",o);m();
