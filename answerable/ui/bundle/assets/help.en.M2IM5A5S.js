import{a as o}from"./chunk.NYY256SS.js";import{a as r}from"./chunk.DLYL32EK.js";import{a as m}from"./chunk.SVBVU7VO.js";import"./chunk.ATTIVOQD.js";import"./chunk.SO7B44UJ.js";m("en",r);o();
