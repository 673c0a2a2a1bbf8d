import{a as m}from"./chunk.KQKVUOGU.js";import{a as o}from"./chunk.TRV33WFF.js";import{a as r}from"./chunk.32SYK4E3.js";import"./chunk.JMVDVDO4.js";import"./chunk.SO7B44UJ.js";r("en",o);m();
