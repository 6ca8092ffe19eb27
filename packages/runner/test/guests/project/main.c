#include <stdio.h>
int f_a(int),f_b(int),f_c(int);
int main(){printf("%d\n",f_a(3)+f_b(4)+f_c(5));return 0;}
