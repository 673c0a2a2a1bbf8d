import{a as o}from"./chunk.5SIBN6U6.js";import{a as r}from"./chunk.7AUMJJEO.js";import{a as m}from"./chunk.EL6RSD6T.js";import"./chunk.ATTIVOQD.js";import"./chunk.SO7B44UJ.js";m("en",r);o();
